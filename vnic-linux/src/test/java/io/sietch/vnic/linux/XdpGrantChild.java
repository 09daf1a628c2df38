package io.sietch.vnic.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sietch.net.EthernetFormat;
import io.sietch.net.Ipv4Format;
import io.sietch.net.Link;
import io.sietch.net.Stack;
import io.sietch.net.StackOptions;
import io.sietch.net.UdpFormat;
import io.sietch.net.UdpHandler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * A process without capabilities that asks for a share of an interface, and echoes datagrams until its parent has gone.
 */
final class XdpGrantChild {
    private static final int FRAME_BYTES = 100;

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
        try (XdpWire wire = (XdpWire) LinuxWires.open("vnicd://" + arguments[0]);
                Selector selector = Selector.open()) {
            System.out.println(powers());
            wire.readiness().register(selector, SelectionKey.OP_READ);
            Thread.ofPlatform().daemon().start(() -> serve(wire, selector));
            BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                System.out.println(send(wire, order.split(" ")));
            }
        }
    }

    /**
     * Sends datagrams past the stack: to that Ethernet and IPv4 address, from that IPv4 address, so many. Says why the
     * wire has failed, or that it has not.
     */
    private static String send(XdpWire wire, String[] order) {
        synchronized (wire) {
            int count = Integer.parseInt(order[3]);
            for (int i = 0; i < count; i++) {
                long buffer = wire.claim();
                if (buffer != Link.NONE) {
                    MemorySegment frame = wire.memory().asSlice(buffer, FRAME_BYTES);
                    frame.fill((byte) 0);
                    EthernetFormat.write(frame, 0, Long.parseLong(order[0], 16), wire.mac(), EthernetFormat.IPV4);
                    int source = Ipv4Format.parse(order[2]);
                    int above = EthernetFormat.BYTES;
                    Ipv4Format.write(
                            frame, above, FRAME_BYTES - 34, i, Ipv4Format.UDP, source, Ipv4Format.parse(order[1]));
                    UdpFormat.write(frame, above + 20, 9, 9, FRAME_BYTES - 42);
                    wire.send(buffer, FRAME_BYTES);
                    wire.kick();
                }
            }
            for (int i = 0; i < 100 && wire.failure() == null; i++) {
                wire.receive((memory, offset, length, checked) -> true, 1);
                // A wire asks now and then whether its interface is still there.
                LockSupport.parkNanos(50_000);
            }
            return String.valueOf(wire.failure());
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
                selector.select(key -> {}, 1000);
                synchronized (wire) {
                    stack.poll(System.nanoTime());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
