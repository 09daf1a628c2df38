package io.sietch.vnic.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.net.Stack;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Programs on the kernel's stack, in a namespace, and our stack on a wire, which they talk to.
 *
 * @param address of our stack
 * @param directory for what they print
 */
record KernelClients(Namespace namespace, Stack stack, String address, Path directory) {
    /** Polls the stack until a script in the namespace has ended; says what it printed. */
    String whileServing(String script) throws IOException {
        Path output = directory.resolve("output");
        Process process = namespace.start(output, script);
        while (process.isAlive()) {
            stack.poll(System.nanoTime());
        }
        stack.poll(System.nanoTime());
        return Files.readString(output).strip();
    }

    /** Has each datagram sent back. */
    void echo() {
        stack.bind(7, (socket, from, port, memory, offset, length) -> socket.send(from, port, memory, offset, length));
    }

    /** Sends a word to what echoes; says what came back. */
    String spice() throws IOException {
        return whileServing("exec 3<>/dev/udp/" + address + "/7; printf spice >&3; timeout 20 head -c 5 <&3");
    }

    void assertStreamComesBack() throws IOException {
        assertStreamComesBack("");
    }

    /** @param where what has a command run somewhere else than in the namespace */
    void assertStreamComesBack(String where) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
        stack.listen(7, connection -> {
            while (connection.available() > 0 && connection.room() > 0) {
                connection.read(buffer.clear().limit(Math.min(buffer.capacity(), connection.room())));
                connection.write(buffer.flip());
            }
        });
        byte[] sent = IntStream.rangeClosed(1, 500_000)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining("\n", "", "\n"))
                .getBytes(US_ASCII);
        String said = whileServing(where + "bash -c 'exec 3<>/dev/tcp/" + address + "/7; seq 1 500000 >&3 & head -c "
                + sent.length + " <&3 | sha256sum'");
        assertThat(said).startsWith(sha256(sent));
        assertThat(stack.counters().badChecksums()).isZero();
        assertThat(stack.counters().malformed()).isZero();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    void assertDatagramsComeBack() throws IOException {
        echo();
        assertThat(spice()).isEqualTo("spice");
        assertThat(whileServing("exec 3<>/dev/udp/" + address + "/9; printf x >&3; timeout 20 head -c 1 <&3"))
                .contains("Connection refused");
    }

    /**
     * Asks for datagrams that are sent in one turn: a short one, which goes alone, and a hundred in two lengths, the
     * last shorter still. They arrive in that order.
     *
     * @param where what has a command run somewhere else than in the namespace
     */
    void assertRunsOfDatagramsArrive(String where) throws IOException {
        byte[] all = new byte[7 + 60 * 100 + 39 * 99 + 5];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) (i * 31 >> 4);
        }
        MemorySegment source = MemorySegment.ofArray(all);
        stack.bind(8, (socket, from, port, memory, offset, length) -> {
            for (int i = 0, at = 0; at < all.length; i++) {
                int bytes = Math.min(i == 0 ? 7 : i <= 60 ? 100 : 99, all.length - at);
                socket.send(from, port, source, at, bytes);
                at += bytes;
            }
        });
        String said = whileServing(where + "bash -c 'exec 3<>/dev/udp/" + address
                + "/8; printf x >&3; timeout 20 head -c " + all.length + " <&3 | sha256sum'");
        assertThat(said).startsWith(sha256(all));
    }

    void assertFragmentsArriveWhole() throws IOException {
        List<Integer> lengths = new ArrayList<>();
        stack.bind(7, (socket, from, port, memory, offset, length) -> lengths.add(length));
        whileServing("exec 3<>/dev/udp/" + address
                + "/7; head -c 60000 /dev/urandom | dd bs=60000 iflag=fullblock >&3 2>/dev/null");
        // It may have waited for ARP, which is answered here, while the script had ended.
        while (lengths.isEmpty() && !Thread.interrupted()) {
            stack.poll(System.nanoTime());
        }
        assertThat(lengths).containsExactly(60_000);
        assertThat(stack.counters().fragments()).isGreaterThan(40);
    }
}
