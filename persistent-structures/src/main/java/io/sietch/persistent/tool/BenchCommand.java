package io.sietch.persistent.tool;

import io.sietch.persistent.Sietch;
import io.sietch.persistent.SietchOptions;
import io.sietch.persistent.tool.BenchRun.Result;
import io.sietch.persistent.tool.BenchWork.Step;
import io.sietch.persistent.tool.BenchWork.Structure;
import io.sietch.persistent.tool.SietchTool.Bytes;
import io.sietch.vsa.ControlPlane;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code sietch bench}: what a durable operation takes here, with this program, on this file system. */
@Command(
        name = "bench",
        description = {
            "Times durable operations of a log, a queue or a table.",
            "On a device that exists, in an area of its own, which it makes in free room and deletes afterwards. In a"
                    + " directory without a device, in a device file of its own, which is deleted as well."
        })
final class BenchCommand implements Callable<Integer> {
    /** The area, on a device that exists. */
    static final String AREA = "sietch-bench";

    private static final int THREADS_MAX = 1024;
    private static final long VALUE_MAX = 1 << 20;
    private static final long AREA_MIN = 4 << 20;
    private static final Duration TIME_MIN = Duration.ofMillis(10);
    private static final Duration TIME_MAX = Duration.ofHours(1);

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Parameters(paramLabel = "DEVICE", description = "A device file, or a directory.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path path;

    @Option(
            names = "--structure",
            description = "log, queue or table (default: all three, one after the other).",
            paramLabel = "KIND")
    private @Nullable Structure structure;

    @Option(
            names = "--for",
            defaultValue = "2s",
            description = "How long for each operation: 500ms, 2s, 1m (default: ${DEFAULT-VALUE}). The first quarter is"
                    + " not counted.")
    @SuppressWarnings("NullAway.Init") // it has a default
    private Duration time;

    @Option(
            names = "--threads",
            defaultValue = "1",
            description = "How many wait at the same time, 1 to 1024 (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--value-size",
            defaultValue = "100",
            description = "Bytes of a value, up to 1m (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // it has a default
    private Bytes valueSize;

    @Option(
            names = "--area",
            defaultValue = "64m",
            description = "Bytes of the area, 4m or more (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // it has a default
    private Bytes area;

    @Option(names = "--json", description = "Writes JSON.")
    private boolean json;

    /** A time, as people write it. */
    static final class Time implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            int digits = 0;
            while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
                digits++;
            }
            try {
                long number = Long.parseLong(text.substring(0, digits));
                return switch (text.substring(digits)) {
                    case "ms" -> Duration.ofMillis(number);
                    case "s" -> Duration.ofSeconds(number);
                    case "m" -> Duration.ofMinutes(number);
                    default -> throw wrong(text);
                };
            } catch (ArithmeticException | NumberFormatException e) {
                throw wrong(text);
            }
        }

        private static TypeConversionException wrong(String text) {
            return new TypeConversionException("\"" + text + "\" is no time; write 500ms, 2s or 1m");
        }
    }

    @Override
    public Integer call() throws IOException {
        require(threads >= 1 && threads <= THREADS_MAX, "--threads: 1 to " + THREADS_MAX);
        require(valueSize.count() <= VALUE_MAX, "--value-size: up to 1m");
        require(area.count() >= AREA_MIN, "--area: 4m or more");
        require(area.count() / 8 >= valueSize.count() * threads, "--area: eight times the values of all threads");
        require(time.compareTo(TIME_MIN) >= 0 && time.compareTo(TIME_MAX) <= 0, "--for: 10ms to 60m");
        Path device = Device.file(path);
        if (Files.exists(device)) {
            return bench(device);
        }
        if (!Files.isDirectory(path)) {
            throw new IOException("there is no device at " + path + "; name a directory to try its file system");
        }
        Path scratch = path.resolve(AREA + "-" + ProcessHandle.current().pid() + ".vsa");
        scratch.toFile().deleteOnExit();
        try {
            return bench(scratch);
        } finally {
            Files.deleteIfExists(scratch);
        }
    }

    private void require(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    private int bench(Path device) throws IOException {
        List<Structure> kinds = structure == null ? List.of(Structure.values()) : List.of(structure);
        boolean existed = Files.exists(device);
        SietchOptions options = SietchOptions.DEFAULTS
                .withDeviceBytes(area.count() + AREA_MIN, Long.MAX_VALUE / 2)
                .withLogBytes(area.count(), area.count());
        Map<Structure, List<Result>> results = new LinkedHashMap<>();
        String medium;
        try (Sietch sietch = Sietch.open(device, options)) {
            medium = sietch.medium();
            for (Structure kind : kinds) {
                if (existed) {
                    requireRoom(sietch);
                }
                results.put(kind, bench(sietch, kind));
            }
        }
        print(medium, results);
        return 0;
    }

    /** A device that exists does not grow for this, because it would stay so. */
    private void requireRoom(Sietch sietch) throws IOException {
        if (sietch.area(AREA).isPresent()) {
            throw new IOException("there is an area \"" + AREA + "\" already, maybe of a run that was stopped: \"sietch"
                    + " rm\" deletes it");
        }
        long free = sietch.control(ControlPlane::freeBytes);
        // An area has whole segments, which are a sixteenth of it at most.
        if (free < area.count() + area.count() / 16) {
            throw new IOException("the device has " + free + " bytes free, and --area wants " + area.count()
                    + " and a sixteenth: ask for less, or name a directory");
        }
    }

    private List<Result> bench(Sietch sietch, Structure kind) throws IOException {
        List<Result> results = new ArrayList<>();
        try {
            byte[] value = new byte[Math.toIntExact(valueSize.count())];
            try (BenchWork work = BenchWork.of(kind, sietch, AREA, area.count(), threads, value)) {
                for (List<Step> phase : work.phases()) {
                    String name = word(kind) + " " + phase.getFirst().name();
                    Progress progress =
                            new Progress(spec.commandLine().getErr(), name, time.toNanos(), System.console() != null);
                    results.addAll(BenchRun.of(phase, threads, time, progress::at));
                }
            }
        } finally {
            if (sietch.area(AREA).isPresent()) {
                sietch.control(plane -> {
                    plane.delete(AREA);
                    return true;
                });
            }
        }
        return results;
    }

    private static String word(Structure kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private void print(String medium, Map<Structure, List<Result>> results) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("medium", medium);
            all.put("threads", threads);
            all.put("valueBytes", valueSize.count());
            all.put("seconds", time.toMillis() / 1e3);
            results.forEach((kind, of) ->
                    all.put(word(kind), of.stream().map(Result::asMap).toList()));
            out.println(Json.write(all));
        } else {
            out.println(medium);
            out.printf("%d threads, values of %,d bytes; times in microseconds%n", threads, valueSize.count());
            out.printf(
                    "%-14s %10s %10s %10s %10s %10s %10s%n",
                    "OPERATION", "PER SECOND", "P50", "P90", "P99", "P99.9", "MAX");
            results.forEach((kind, of) -> of.forEach(result -> out.printf(
                    "%-14s %,10.0f %,10.1f %,10.1f %,10.1f %,10.1f %,10.1f%n",
                    word(kind) + " " + result.name(),
                    result.perSecond(),
                    result.micros(50),
                    result.micros(90),
                    result.micros(99),
                    result.micros(99.9),
                    result.maxMicros())));
        }
        out.flush();
    }
}
