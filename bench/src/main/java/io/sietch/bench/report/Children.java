package io.sietch.bench.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The processes and the directory of a run. All of them go when it closes, or when the JVM is interrupted.
 */
public final class Children implements AutoCloseable {
    private static final long KILL_AFTER_SECONDS = 10;
    private static final long LOOK_EACH_MILLIS = 50;

    private final Path directory;
    private final Set<Process> running = ConcurrentHashMap.newKeySet();
    private final Thread hook = new Thread(this::end, "end-children");

    /**
     * @param parent where the run gets a directory of its own; made if missing
     */
    public Children(Path parent) throws IOException {
        Files.createDirectories(parent);
        this.directory = Files.createTempDirectory(parent.toAbsolutePath(), "bench-");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** The command that runs a class of ours in a JVM of its own, of the same kind and with the same class path. */
    public static List<String> java(List<String> flags, Class<?> main, Object... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    /** In a measuring JVM: ends it with the one that started it, which may be killed and cannot end it then. */
    public static void endWithParent() {
        ProcessHandle.current()
                .parent()
                .ifPresent(parent ->
                        parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
    }

    /** A new, empty directory. */
    public Path newDirectory(String prefix) throws IOException {
        return Files.createTempDirectory(directory, prefix + "-");
    }

    /** Starts a process with its output in {@code output} (both streams). */
    public Process start(List<String> command, Path output) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        running.add(process);
        process.getOutputStream().close();
        return process;
    }

    /**
     * Runs a process to its end.
     *
     * @return what it printed
     * @throws IOException if it fails or takes longer than {@code seconds}; the message ends with its last words
     */
    public String run(List<String> command, long seconds) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "out-", ".txt");
        Process process = start(command, output);
        boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
        stop(process);
        String text = Files.readString(output);
        Files.delete(output);
        String name = Path.of(command.getFirst()).getFileName().toString();
        if (!ended) {
            throw new IOException(name + " did not end within " + seconds + " s" + lastWords(text));
        }
        if (process.exitValue() != 0) {
            throw new IOException(name + " ended with " + process.exitValue() + lastWords(text));
        }
        return text;
    }

    /**
     * Runs a process until it prints a line, and kills it as {@code kill -9} does.
     *
     * @return what it printed before that line
     * @throws IOException if it ends or takes longer than {@code seconds} before; the message ends with its last words
     */
    public String runAndKill(List<String> command, String lastLine, long seconds)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "out-", ".txt");
        Process process = start(command, output);
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            while (System.nanoTime() < end) {
                boolean ended = process.waitFor(LOOK_EACH_MILLIS, TimeUnit.MILLISECONDS);
                String text = Files.readString(output);
                int at = text.indexOf(lastLine + System.lineSeparator());
                if (at >= 0) {
                    return text.substring(0, at);
                }
                if (ended) {
                    throw new IOException("the process ended with " + process.exitValue() + lastWords(text));
                }
            }
            throw new IOException(
                    "no \"" + lastLine + "\" within " + seconds + " s" + lastWords(Files.readString(output)));
        } finally {
            process.destroyForcibly().waitFor();
            running.remove(process);
            Files.delete(output);
        }
    }

    private static String lastWords(String text) {
        List<String> lines = text.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("\t"))
                .toList();
        return lines.isEmpty() ? "" : ": " + lines.getLast().strip();
    }

    /** Ends a process: asks first, then does not. */
    public void stop(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(KILL_AFTER_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        running.remove(process);
    }

    /** Deletes a directory with all that is in it. */
    public static void delete(Path tree) throws IOException {
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (UncheckedIOException e) {
            // A process that is just ending removed a file of its own meanwhile.
            if (!(e.getCause() instanceof NoSuchFileException)) {
                throw e.getCause();
            }
        }
    }

    private void end() {
        for (Process process : running) {
            process.destroyForcibly();
        }
        try {
            delete(directory);
        } catch (IOException e) {
            System.err.println("cannot remove " + directory + ": " + e.getMessage());
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(hook);
        end();
    }
}
