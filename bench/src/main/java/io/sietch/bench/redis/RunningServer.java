package io.sietch.bench.redis;

import io.sietch.bench.report.Children;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server on the loopback interface with a directory and a port of its own. */
final class RunningServer {
    private static final long READY_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int ANSWER_WITHIN_MILLIS = 1000;
    // What /proc counts in; fixed by Linux for user programs, whatever the kernel's own tick.
    private static final double TICKS_A_SECOND = 100;

    /** Stands for the path of the server's socket for shared memory. */
    static final String DOOR = "DOOR";

    private final ServerKind kind;
    private final Children children;
    private final Path directory;
    private final Process process;
    private final int port;
    private final double readyMillis;

    private RunningServer(
            ServerKind kind, Children children, Path directory, Process process, int port, double readyMillis) {
        this.kind = kind;
        this.children = children;
        this.directory = directory;
        this.process = process;
        this.port = port;
        this.readyMillis = readyMillis;
    }

    /**
     * Starts a server on an empty directory and waits until it answers PING.
     *
     * @throws IOException if it ends or does not answer in time; the message holds its last words
     */
    static RunningServer start(ServerKind kind, String program, Children children)
            throws IOException, InterruptedException {
        return start(kind, program, List.of(), List.of(), children);
    }

    /** As the other, with more words on the command line. */
    static RunningServer startWith(ServerKind kind, String program, List<String> words, Children children)
            throws IOException, InterruptedException {
        return start(kind, program, words, List.of(), children);
    }

    /**
     * As the other, of a redis-lite that also listens elsewhere.
     *
     * @param wires URLs as {@code --listen} takes them; {@value #DOOR} stands for a path in the server's directory
     */
    static RunningServer start(ServerKind kind, String program, List<String> wires, Children children)
            throws IOException, InterruptedException {
        return start(kind, program, List.of(), wires, children);
    }

    private static RunningServer start(
            ServerKind kind, String program, List<String> words, List<String> wires, Children children)
            throws IOException, InterruptedException {
        Path directory = children.newDirectory("server");
        Path data = Files.createDirectory(directory.resolve("data"));
        Path output = directory.resolve("output.txt");
        int port = freePort();
        long startedAt = System.nanoTime();
        List<String> command = new ArrayList<>(kind.command(program, port, data));
        command.addAll(words);
        if (!wires.isEmpty()) {
            command.addAll(List.of("--listen", "tcp://127.0.0.1:" + port));
            wires.forEach(wire -> command.add(wire.replace(DOOR, door(directory))));
        }
        Process process = children.start(command, output);
        while (!answersPing(port)) {
            boolean late = System.nanoTime() - startedAt > READY_WITHIN_NANOS;
            if (late || !process.isAlive()) {
                children.stop(process);
                String said = Files.readString(output).strip();
                throw new IOException((late ? "was not ready within 30 s: " : "ended at once: ")
                        + said.substring(said.lastIndexOf('\n') + 1));
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
        double readyMillis = (System.nanoTime() - startedAt) / 1e6;
        return new RunningServer(kind, children, directory, process, port, readyMillis);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean answersPing(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), ANSWER_WITHIN_MILLIS);
            socket.setSoTimeout(ANSWER_WITHIN_MILLIS);
            socket.getOutputStream().write("*1\r\n$4\r\nPING\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(7), StandardCharsets.US_ASCII).equals("+PONG\r\n");
        } catch (IOException notYet) {
            return false;
        }
    }

    private static String door(Path directory) {
        return directory.resolve("door").toAbsolutePath().toString();
    }

    ServerKind kind() {
        return kind;
    }

    /** The socket for shared memory. */
    Path door() {
        return Path.of(door(directory));
    }

    long pid() {
        return process.pid();
    }

    int port() {
        return port;
    }

    /** From the start of the process to its first answer. */
    double readyMillis() {
        return readyMillis;
    }

    /** Processor time of the server so far, NaN where the system does not tell. */
    double cpuSeconds() throws IOException {
        Path stat = Path.of("/proc/" + process.pid() + "/stat");
        if (!Files.isReadable(stat)) {
            return Double.NaN;
        }
        return cpuSeconds(Files.readString(stat));
    }

    /** User and system time out of a line of /proc/PID/stat, whose second field is a name that may hold blanks. */
    static double cpuSeconds(String stat) {
        String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        // Fields 14 and 15 in proc(5); the first one here is field 3.
        return (Long.parseLong(afterName[11]) + Long.parseLong(afterName[12])) / TICKS_A_SECOND;
    }

    /** Stops the server and removes its data. */
    void stop() throws IOException, InterruptedException {
        children.stop(process);
        Children.delete(directory);
    }
}
