package io.sietch.vsic;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Does one thing with a device file in a process of its own, and prints how it went. */
final class OtherProcess {
    private OtherProcess() {}

    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[1]);
        try {
            switch (arguments[0]) {
                case "open" ->
                    MappedFileMedia.open(file, MappedFileOptions.DEFAULTS).close();
                case "create" ->
                    MappedFileMedia.create(file, 1 << 20, MappedFileOptions.DEFAULTS, media -> {})
                            .close();
                case "grow" -> {
                    try (MappedFileMedia media = MappedFileMedia.open(file, MappedFileOptions.DEFAULTS)) {
                        long before = media.size();
                        try {
                            media.grow(Long.parseLong(arguments[2]));
                        } finally {
                            System.out.println("size " + before + " -> " + media.size());
                        }
                    }
                }
                case "die-in-create" ->
                    MappedFileMedia.create(
                            file,
                            1 << 20,
                            MappedFileOptions.DEFAULTS,
                            media -> Runtime.getRuntime().halt(9));
                default -> throw new IllegalArgumentException(arguments[0]);
            }
            System.out.println("done");
        } catch (MediaException e) {
            System.out.println("refused: " + e.getMessage());
        }
    }

    /** Runs {@link #main} under a shell's limits ({@code ulimit -f}: KiB of a file) and returns what it printed. */
    static String run(String limits, String... arguments) throws Exception {
        Set<String> classPath = new LinkedHashSet<>();
        for (Class<?> each : List.of(OtherProcess.class, Media.class, com.lmax.disruptor.RingBuffer.class)) {
            classPath.add(Path.of(each.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString());
        }
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                limits + " exec \"$@\"",
                "bash",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                String.join(":", classPath),
                OtherProcess.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("still running: " + output);
            }
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
