package io.sietch.vnic.linux;

import io.sietch.net.Stack;
import io.sietch.net.StackOptions;
import io.sietch.net.UdpHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * A process without capabilities that asks for a share of an interface, and echoes datagrams until its parent has gone.
 */
final class XdpGrantChild {
    private XdpGrantChild() {}

    static Process start(Path door) throws IOException {
        return new ProcessBuilder(
                        "setpriv",
                        "--bounding-set=-all",
                        "--inh-caps=-all",
                        "--no-new-privs",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        XdpGrantChild.class.getName(),
                        door.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String powers() throws IOException {
        List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
        String capabilities = status.stream()
                .filter(line -> line.startsWith("CapEff:"))
                .findFirst()
                .orElse("CapEff: unknown")
                .split("\\s+")[1];
        try {
            new Libc().close(XdpSocket.open());
            return "capabilities " + capabilities + ", open an AF_XDP socket: permitted";
        } catch (IOException e) {
            boolean refused = String.valueOf(e.getMessage()).contains("not permitted");
            return "capabilities " + capabilities + ", open an AF_XDP socket: " + (refused ? "not permitted" : e);
        }
    }

    public static void main(String[] arguments) throws IOException {
        try (XdpWire wire = XdpWire.granted(Path.of(arguments[0]));
                Selector selector = Selector.open()) {
            System.out.println(powers());
            wire.readiness().register(selector, SelectionKey.OP_READ);
            Thread.ofPlatform().daemon().start(() -> serve(wire, selector));
            while (System.in.read() >= 0) {
                // until the parent has gone
            }
        }
    }

    private static void serve(XdpWire wire, Selector selector) {
        Stack stack = new Stack(wire, wire.address(), StackOptions.DEFAULTS, new Random(1), System.nanoTime());
        UdpHandler echo =
                (socket, address, port, memory, offset, length) -> socket.send(address, port, memory, offset, length);
        stack.bind(7, echo);
        stack.bind(8, echo);
        try {
            while (selector.isOpen()) {
                selector.select(key -> {});
                stack.poll(System.nanoTime());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
