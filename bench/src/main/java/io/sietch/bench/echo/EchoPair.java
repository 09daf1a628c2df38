package io.sietch.bench.echo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;

/** A pair of interfaces of the kernel's: one has an address of the kernel's, the other is for AF_XDP. */
final class EchoPair implements AutoCloseable {
    static final String OURS = "10.83.10.2";

    private static final String DEVICE = "sietxdp";
    private static final String PEER = "sietxdppeer";
    private static final String THEIRS = "10.83.10.1/24";

    /**
     * Makes it.
     *
     * @throws IOException if that is not permitted
     */
    EchoPair() throws IOException {
        ip("link", "add", DEVICE, "type", "veth", "peer", "name", PEER);
        try {
            ip("address", "add", THEIRS, "dev", PEER);
            ip("link", "set", PEER, "up");
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** The wire on our end. */
    String url() {
        return "xdp://" + DEVICE + "?ip=" + OURS;
    }

    private static void ip(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 1];
        command[0] = "ip";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        if (!said.isEmpty()) {
            throw new IOException(String.join(" ", command) + ": " + said + "; it needs CAP_NET_ADMIN");
        }
    }

    @Override
    public void close() throws IOException {
        ip("link", "delete", DEVICE);
    }
}
