package io.sietch.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The server as a process of its own. */
final class ServerUnderTest implements AutoCloseable {
    private static final Pattern PORT = Pattern.compile("ready on port (\\d+), pid (\\d+)");

    private final Process process;
    private final BufferedReader out;

    ServerUnderTest(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                RedisServer.class.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).start();
        out = process.inputReader(UTF_8);
    }

    /** The start-up line; the server is ready then. */
    String greeting() throws IOException {
        String line = out.readLine();
        return line == null ? "" : line;
    }

    /** The port in a start-up line. */
    static int port(String greeting) {
        Matcher matcher = PORT.matcher(greeting);
        if (!matcher.find()) {
            throw new IllegalStateException("no port in: " + greeting);
        }
        return Integer.parseInt(matcher.group(1));
    }

    /** The rest of what it said to standard output and standard error, when it has ended. */
    String said() throws IOException {
        String text = out.lines().collect(Collectors.joining("\n"));
        return text + new String(process.getErrorStream().readAllBytes(), UTF_8);
    }

    int exitCode() throws InterruptedException {
        return process.waitFor();
    }

    /** SIGTERM. Not through {@link Process}, which would close the streams that tell what it said. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
