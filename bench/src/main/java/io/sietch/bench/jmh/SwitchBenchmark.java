package io.sietch.bench.jmh;

import io.sietch.net.EthernetFormat;
import io.sietch.net.FrameReceiver;
import io.sietch.net.Ipv4Format;
import io.sietch.net.NetBytes;
import io.sietch.vnic.FrameFilter;
import io.sietch.vnic.NetworkControl;
import io.sietch.vnic.Switch;
import io.sietch.vnic.Vnic;
import io.sietch.vnic.VnicOptions;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Frames a second through the emulated device on one thread, sender and receiver included: claim a buffer, write the
 * headers, send; check, steer, copy; receive, give back. Every frame passes the transmit filters of its sender and
 * finds its receiver among {@code vnics} of them by port.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SwitchBenchmark {
    private static final int BATCH = 64;
    private static final int FIRST_PORT = 7000;
    private static final int ADDRESS = 0x0A000001;

    /** How many receivers there are. */
    @Param({"1", "8"})
    public int vnics;

    /** Bytes of a frame. */
    @Param("64")
    public int length;

    private final Switch device = new Switch();
    private final NetworkControl control = new NetworkControl(device);
    private final Vnic sender = control.create("sender", ADDRESS, VnicOptions.DEFAULTS, 0);
    private final List<Vnic> receivers = new ArrayList<>();
    private final FrameReceiver count = this::received;
    private long bytes;
    private long now;

    /** Made by JMH. */
    public SwitchBenchmark() {}

    @Setup
    public void attach() {
        for (int i = 0; i < vnics; i++) {
            Vnic vnic = control.create("receiver" + i, ADDRESS + 1 + i, VnicOptions.DEFAULTS, 0);
            FrameFilter port =
                    FrameFilter.ALL.protocol(Ipv4Format.UDP).destinationPorts(FIRST_PORT + i, FIRST_PORT + i);
            control.receive(vnic, List.of(FrameFilter.ALL.to(vnic.mac()), port));
            receivers.add(vnic);
        }
        long before = bytes;
        if (frames() - before != (long) BATCH * length) {
            throw new IllegalStateException("frames were lost: " + (bytes - before) + " bytes of " + BATCH * length);
        }
    }

    private boolean received(MemorySegment memory, long offset, int frameLength, boolean checked) {
        bytes += frameLength;
        return true;
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long frames() {
        for (int i = 0; i < BATCH; i++) {
            long buffer = sender.claim();
            MemorySegment memory = sender.memory();
            long mac = receivers.get(i % vnics).mac();
            EthernetFormat.write(memory, buffer, mac, sender.mac(), EthernetFormat.IPV4);
            Ipv4Format.write(memory, buffer + 14, length - 34, i, Ipv4Format.UDP, ADDRESS, ADDRESS + 1);
            NetBytes.put32(memory, buffer + 34, 1234 << 16 | FIRST_PORT + i % vnics);
            sender.send(buffer, length);
        }
        device.poll(now++);
        for (int i = 0; i < vnics; i++) {
            receivers.get(i).receive(count, BATCH);
        }
        return bytes;
    }
}
