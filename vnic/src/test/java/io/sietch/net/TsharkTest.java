package io.sietch.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sietch.net.StackPairTest.Pair;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What somebody else's decoder says of our frames. Skipped where there is no {@code tshark}. */
@Timeout(120)
class TsharkTest {
    private static final String COMPLAINTS = "_ws.malformed || tcp.analysis.lost_segment || tcp.analysis.retransmission"
            + " || tcp.analysis.ack_lost_segment || tcp.checksum.status == 0 || ip.checksum.status == 0"
            + " || arp.duplicate-address-detected";

    @TempDir
    private Path directory;

    /** A wire without mishaps, captured but for some frames (pcap, Ethernet). */
    private static byte[] capture(Set<Long> without) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuffer head = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(0xA1B2C3D4).putShort((short) 2).putShort((short) 4).putLong(0);
        head.putInt(1 << 16).putInt(1);
        out.writeBytes(head.array());
        Pair pair = new Pair(StackPairTest.OPTIONS, 1);
        pair.wire.tap((number, memory, offset, length) -> {
            if (!without.contains(number)) {
                long micros = pair.now / 1000 + number;
                ByteBuffer record = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
                record.putInt((int) (micros / 1_000_000)).putInt((int) (micros % 1_000_000));
                record.putInt(length).putInt(length);
                out.writeBytes(record.array());
                out.writeBytes(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
            }
            return true;
        });
        StackPairTest.exchange(pair, 400_000, 200_000, 1);
        return out.toByteArray();
    }

    private List<String> complaints(byte[] capture) throws IOException, InterruptedException {
        Path file = Files.write(directory.resolve("wire.pcap"), capture);
        Path output = directory.resolve("output.txt");
        List<String> command =
                List.of("tshark", "-n", "-r", file.toString(), "-o", "tcp.check_checksum:TRUE", "-Y", COMPLAINTS);
        Process tshark =
                new ProcessBuilder(command).redirectOutput(output.toFile()).start();
        assertThat(tshark.waitFor())
                .as(new String(tshark.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .isZero();
        return Files.readAllLines(output);
    }

    private static boolean isInstalled() {
        String path = System.getenv("PATH");
        Stream<String> directories = Arrays.stream((path == null ? "" : path).split(File.pathSeparator));
        return directories.map(each -> Path.of(each, "tshark")).anyMatch(Files::isExecutable);
    }

    @Test
    void aCleanWireGivesNoCauseForComplaint() throws Exception {
        assumeThat(isInstalled()).as("tshark is installed").isTrue();
        byte[] clean = capture(Set.of());
        assertThat(clean).hasSizeGreaterThan(600_000);
        assertThat(complaints(clean)).isEmpty();
        // And where there is one, it is given.
        assertThat(complaints(capture(Set.of(40L)))).isNotEmpty();
        clean[clean.length - 1] ^= 1;
        assertThat(complaints(clean)).isNotEmpty();
    }
}
