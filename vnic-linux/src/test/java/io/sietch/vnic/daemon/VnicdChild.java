package io.sietch.vnic.daemon;

import io.sietch.net.Stack;
import io.sietch.net.StackOptions;
import io.sietch.vnic.SharedVnic;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** A process that echoes datagrams on a network card that it was given, until that is taken away. */
final class VnicdChild {
    private VnicdChild() {}

    /** @param unprivileged whether to run as a user without any right */
    static Process start(Path door, boolean unprivileged) throws IOException {
        List<String> drop = List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "--bounding-set=-all",
                "--inh-caps=-all",
                "--no-new-privs");
        Path readable = Files.createDirectory(door.resolveSibling("../classes").normalize());
        String classes = copyTo(readable);
        List<String> java = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                classes,
                VnicdChild.class.getName(),
                door.toString());
        List<String> command = Stream.concat(unprivileged ? drop.stream() : Stream.of(), java.stream())
                .toList();
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Others may not be able to read where this was built; who is given a network card needs our own classes alone. */
    private static String copyTo(Path directory) throws IOException {
        List<String> copies = new ArrayList<>();
        for (String each : System.getProperty("java.class.path").split(":")) {
            Path entry = Path.of(each);
            Path copy = directory.resolve(String.valueOf(copies.size()));
            if (Files.isDirectory(entry)) {
                copy(entry, copy);
            } else if (each.contains("/target/")) {
                Files.copy(entry, copy);
            } else {
                continue;
            }
            copies.add(copy.toString());
        }
        return String.join(":", copies);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static String control(Path door) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(door.resolveSibling(Daemon.CONTROL)));
            return "may give orders";
        } catch (IOException e) {
            return "may give no orders";
        }
    }

    private static String capabilities() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapEff:"))
                .map(line -> line.split("\\s+")[1])
                .findFirst()
                .orElse("unknown");
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream out = System.out;
        Path door = Path.of(arguments[0]);
        try (SharedVnic shared = SharedVnic.connect(door)) {
            Stack stack = new Stack(
                    shared.vnic(), shared.vnic().address(), StackOptions.DEFAULTS, new Random(1), System.nanoTime());
            stack.bind(
                    7,
                    (socket, address, port, memory, offset, length) ->
                            socket.send(address, port, memory, offset, length));
            out.println("capabilities " + capabilities() + ", " + control(door));
            while (shared.isOpen()) {
                if (stack.poll(System.nanoTime()) == 0) {
                    shared.await(stack.idleNanos(System.nanoTime()), 0);
                }
            }
            out.println(shared.isRevoked() ? "revoked" : "gone");
        }
    }
}
