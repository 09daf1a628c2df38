package io.sietch.vnic.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.net.Link;
import io.sietch.vnic.FrameFilter;
import io.sietch.vnic.NetworkControl;
import io.sietch.vnic.Switch;
import io.sietch.vnic.Vnic;
import io.sietch.vnic.VnicOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A filter means the same wherever it runs: read part by part, compiled in the switch, and as a program of the
 * kernel's.
 */
class FilterProgramTest {
    private static final int MATCHED = 1;

    private final Switch device = new Switch();
    private final NetworkControl control = new NetworkControl(device);
    private final Vnic from = control.create("from", 1, VnicOptions.DEFAULTS, 0);
    private final Vnic to = control.create("to", 2, VnicOptions.DEFAULTS, 0);

    @BeforeEach
    @net.jqwik.api.lifecycle.BeforeTry
    void fromMaySendAnything() {
        control.transmit(from, List.of(FrameFilter.ALL));
        control.receive(from, List.of());
    }

    /** Whether the switch delivers it. */
    private boolean delivers(List<FrameFilter> filters, byte[] frame) {
        control.receive(to, filters);
        long buffer = from.claim();
        assertThat(buffer).isNotEqualTo(Link.NONE);
        MemorySegment.copy(frame, 0, from.memory(), ValueLayout.JAVA_BYTE, buffer, frame.length);
        from.send(buffer, frame.length);
        device.poll(0);
        return to.receive((memory, offset, length, checked) -> true, 10) > 0;
    }

    private static List<FrameFilter> filters(Random random) {
        List<FrameFilter> filters = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            filters.add(RandomFrames.filter(random));
        }
        return filters;
    }

    private static boolean matches(List<FrameFilter> filters, byte[] frame) {
        return filters.stream().anyMatch(filter -> filter.matches(MemorySegment.ofArray(frame), frame.length));
    }

    @Property(tries = 2000)
    void theSwitchAndTheProgramDoWhatTheFilterSays(@ForAll long seed) {
        Random random = new Random(seed);
        List<FrameFilter> filters = filters(random);
        long[] program = FilterProgram.returning(filters, MATCHED);
        for (int i = 0; i < 10; i++) {
            byte[] frame = RandomFrames.frame(random);
            boolean matches = matches(filters, frame);
            String what = filters + " on " + HexFormat.of().formatHex(frame);
            assertThat(delivers(filters, frame)).as("the switch, %s", what).isEqualTo(matches);
            assertThat(BpfInterpreter.run(program, frame))
                    .as("the program, %s", what)
                    .isEqualTo(matches ? MATCHED : FilterProgram.PASS);
        }
    }

    /** What the kernel has to say, where it may be asked: it takes the program, and runs it as we do. */
    @Test
    void theKernelRunsTheProgramAsItIsMeant() throws IOException {
        Random random = new Random(20);
        Libc libc = new Libc();
        try (Bpf bpf = new Bpf()) {
            int matched = 0;
            for (int i = 0; i < 200; i++) {
                List<FrameFilter> filters = filters(random);
                int program = load(bpf, FilterProgram.returning(filters, MATCHED));
                for (int k = 0; k < 20; k++) {
                    byte[] frame = RandomFrames.frame(random);
                    boolean matches = matches(filters, frame);
                    matched += matches ? 1 : 0;
                    assertThat(bpf.tryOut(program, frame))
                            .as("%s on %s", filters, HexFormat.of().formatHex(frame))
                            .isEqualTo(matches ? MATCHED : FilterProgram.PASS);
                }
                libc.close(program);
            }
            assertThat(matched).isBetween(500, 3500);
        }
    }

    private static int load(Bpf bpf, long[] code) throws IOException {
        try {
            return bpf.load(code);
        } catch (IOException e) {
            Assumptions.assumeFalse(String.valueOf(e.getMessage()).contains("CAP_BPF"), "skipped: " + e.getMessage());
            throw e;
        }
    }

    @Test
    void noFilterLeavesEverythingAndTheWidestTakesEverything() throws IOException {
        byte[] frame = RandomFrames.frame(new Random(1));
        assertThat(BpfInterpreter.run(FilterProgram.returning(List.of(), MATCHED), frame))
                .isEqualTo(FilterProgram.PASS);
        List<FrameFilter> wide = List.of(FrameFilter.ALL, XdpPort.host(1).getFirst());
        assertThat(BpfInterpreter.run(FilterProgram.returning(wide, MATCHED), frame))
                .isEqualTo(MATCHED);
        try (Bpf bpf = new Bpf()) {
            Libc libc = new Libc();
            libc.close(load(bpf, FilterProgram.redirecting(List.of(), -1)));
            libc.close(load(bpf, FilterProgram.returning(wide, MATCHED)));
        }
    }
}
