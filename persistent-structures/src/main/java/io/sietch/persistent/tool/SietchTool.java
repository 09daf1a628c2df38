package io.sietch.persistent.tool;

import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogCorruptException;
import io.sietch.persistent.LogCursor;
import io.sietch.persistent.LogOptions;
import io.sietch.vsa.AreaInfo;
import io.sietch.vsa.AreaSpec;
import io.sietch.vsic.Rights;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * The {@code sietch} command line: looks at device files, changes them where told to, and times what they take.
 *
 * <p>Exit codes: 0 if all is well, 1 if something could not be done or data is damaged, 2 for a mistake on the command
 * line.
 */
@Command(
        name = "sietch",
        description = "Looks at Sietch devices. DEVICE is a device file, or a directory with one (sietch.vsa).",
        version = "sietch 0.1.0",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        subcommands = BenchCommand.class,
        sortOptions = false,
        usageHelpAutoWidth = true)
public final class SietchTool {
    private static final int FAILED = 1;
    private static final int TEXT_MAX = 60;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private SietchTool() {}

    /** Runs the command line, and exits. */
    public static void main(String... arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new SietchTool())
                .registerConverter(Bytes.class, new Bytes.Converter())
                .registerConverter(Duration.class, new BenchCommand.Time())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    if (failure instanceof IOException
                            || failure instanceof IllegalArgumentException
                            || failure instanceof LogCorruptException
                            || failure instanceof UncheckedIOException) {
                        line.getErr().println("sietch: " + failure.getMessage());
                        line.getErr().flush();
                        return FAILED;
                    }
                    throw failure;
                });
    }

    /** A number of bytes, as people write it. */
    record Bytes(long count) {
        /** Reads 4096, 64k, 16m or 2g. */
        static final class Converter implements ITypeConverter<Bytes> {
            @Override
            public Bytes convert(String text) {
                int unit = "kmgt".indexOf(Character.toLowerCase(text.charAt(text.length() - 1))) + 1;
                try {
                    long number = Long.parseLong(unit == 0 ? text : text.substring(0, text.length() - 1));
                    if (number > 0 && number <= Long.MAX_VALUE >> 10 * unit) {
                        return new Bytes(number << 10 * unit);
                    }
                } catch (NumberFormatException e) {
                    throw wrong(text);
                }
                throw wrong(text);
            }

            private static TypeConversionException wrong(String text) {
                return new TypeConversionException("\"" + text + "\" is no size; write 4096, 64k, 16m or 2g");
            }
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private Progress progress(String what, long total) {
        return new Progress(spec.commandLine().getErr(), what, total, System.console() != null);
    }

    // ---- looking ------------------------------------------------------------------------------------------------

    @Command(description = "Lists the areas on a device.")
    int ls(
            @Parameters(paramLabel = "DEVICE") Path path,
            @Option(names = "--json", description = "Writes JSON.") boolean json)
            throws IOException {
        try (Device device = Device.reading(path)) {
            List<AreaInfo> areas = device.plane().list();
            if (json) {
                Map<String, Object> all = new LinkedHashMap<>();
                all.put("device", device.file().toString());
                all.put("totalBytes", device.plane().totalBytes());
                all.put("freeBytes", device.plane().freeBytes());
                all.put("areas", areas.stream().map(SietchTool::asMap).toList());
                out().println(Json.write(all));
            } else {
                out().printf("%-24s %16s %12s %8s%n", "AREA", "BYTES", "SEGMENT", "EXTENTS");
                for (AreaInfo area : areas) {
                    out().printf("%-24s %,16d %,12d %8d%n", area.name(), area.size(), area.granule(), area.extents());
                }
                out().printf(
                                "%,d of %,d bytes free%n",
                                device.plane().freeBytes(), device.plane().totalBytes());
            }
            out().flush();
            return 0;
        }
    }

    private static Map<String, Object> asMap(AreaInfo area) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", area.name());
        map.put("id", area.id());
        map.put("size", area.size());
        map.put("segment", area.granule());
        map.put("extents", area.extents());
        map.put("owner", area.owner());
        return map;
    }

    @Command(description = "Tells what is in one area: walks over all its records.")
    int stat(
            @Parameters(paramLabel = "DEVICE") Path path,
            @Parameters(paramLabel = "AREA") String name,
            @Option(names = "--json", description = "Writes JSON.") boolean json)
            throws IOException {
        return report(path, name, false, json);
    }

    @Command(
            description =
                    "Verifies every checksum of one area or of all; of a table that each key is found where its newest"
                            + " record is, of a queue that it holds what was offered and not acknowledged. Exits with"
                            + " 1 if something is damaged.")
    int verify(
            @Parameters(paramLabel = "DEVICE") Path path,
            @Parameters(paramLabel = "AREA", arity = "0..1") @Nullable String name,
            @Option(names = "--json", description = "Writes JSON.") boolean json)
            throws IOException {
        return report(path, name, true, json);
    }

    private int report(Path path, @Nullable String name, boolean deep, boolean json) throws IOException {
        try (Device device = Device.reading(path)) {
            List<AreaInfo> areas = name == null ? device.plane().list() : List.of(device.area(name));
            boolean sound = true;
            List<Object> all = new ArrayList<>();
            for (AreaInfo area : areas) {
                LogReport report = LogReport.of(device, area, deep, progress(area.name(), area.size())::at);
                sound &= report.damages().isEmpty();
                all.add(report.asMap());
                if (!json) {
                    report.asMap().forEach((key, value) -> out().printf("%-14s %s%n", key, value));
                    out().println();
                }
            }
            if (json) {
                out().println(Json.write(all));
            }
            out().flush();
            return sound ? 0 : FAILED;
        }
    }

    @Command(description = "Prints the records of an area: position, length, the first bytes.")
    int dump(
            @Parameters(paramLabel = "DEVICE") Path path,
            @Parameters(paramLabel = "AREA") String name,
            @Option(names = "--from", description = "Position to begin at (default: the first kept).") @Nullable
                    Long from,
            @Option(names = "--limit", description = "So many records at most.", defaultValue = "9223372036854775807")
                    long limit,
            @Option(names = "--json", description = "Writes a line of JSON for each record, with all its bytes.")
                    boolean json)
            throws IOException {
        try (Device device = Device.reading(path);
                LogCore log = device.reading(device.area(name))) {
            LogCursor cursor = log.cursor(from == null ? log.head() : from);
            for (long i = 0; i < limit && cursor.next(); i++) {
                byte[] bytes = bytes(cursor);
                out().println(json ? line(cursor, bytes) : cursor.start() + " " + bytes.length + " " + text(bytes));
            }
            out().flush();
            return 0;
        }
    }

    private static byte[] bytes(LogCursor cursor) {
        return cursor.segment().asSlice(cursor.offset(), cursor.length()).toArray(ValueLayout.JAVA_BYTE);
    }

    private static String line(LogCursor cursor, byte[] bytes) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("position", cursor.start());
        map.put("data", Base64.getEncoder().encodeToString(bytes));
        return Json.write(map);
    }

    private static String text(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < bytes.length && i < TEXT_MAX; i++) {
            text.append(bytes[i] >= ' ' && bytes[i] < 0x7f ? (char) bytes[i] : '.');
        }
        return text.append(bytes.length > TEXT_MAX ? "..." : "").toString();
    }

    // ---- changing -----------------------------------------------------------------------------------------------

    @Command(description = "Makes an area; and the device, if there is none.")
    int create(
            @Parameters(paramLabel = "DEVICE") Path path,
            @Parameters(paramLabel = "AREA") String name,
            @Parameters(paramLabel = "SIZE", description = "4096, 64k, 16m, 2g: rounded up to segments") Bytes size,
            @Option(names = "--segment", description = "Bytes of a segment, a power of two (default: by size).")
                    @Nullable
                    Bytes segment)
            throws IOException {
        int segmentBytes = Math.toIntExact(segment == null ? segmentFor(size.count()) : segment.count());
        LogOptions options = LogOptions.DEFAULTS.withSegmentBytes(segmentBytes);
        long bytes = Math.max(4, Math.ceilDiv(size.count(), segmentBytes)) * segmentBytes;
        Path file = Device.file(path);
        if (!Files.exists(file)) {
            Device.create(file, bytes + (4 << 20));
        }
        try (Device device = Device.writing(path)) {
            device.provide(bytes);
            AreaInfo area = device.plane().create(name, AreaSpec.of(bytes, segmentBytes));
            device.log(area, Rights.READ_WRITE, options).close();
            out().printf("%s: %,d bytes in segments of %,d%n", name, area.size(), area.granule());
            out().flush();
            return 0;
        }
    }

    private static long segmentFor(long bytes) {
        return Math.clamp(Long.highestOneBit(Math.max(1, bytes / 16)), 64 << 10, 128 << 20);
    }

    @Command(description = "Gives an area more room. It cannot be cut: what a log holds may lie anywhere in it.")
    int resize(
            @Parameters(paramLabel = "DEVICE") Path path,
            @Parameters(paramLabel = "AREA") String name,
            @Parameters(paramLabel = "SIZE") Bytes size)
            throws IOException {
        try (Device device = Device.writing(path)) {
            AreaInfo area = device.area(name);
            long bytes = Math.ceilDiv(size.count(), area.granule()) * area.granule();
            if (bytes < area.size()) {
                throw new IOException("area \"" + name + "\" has " + area.size() + " bytes and cannot be cut to "
                        + bytes + "; export it, and import it into a smaller one");
            }
            device.provide(bytes - area.size());
            device.plane().resize(name, bytes);
            out().printf("%s: %,d bytes%n", name, bytes);
            out().flush();
            return 0;
        }
    }

    @Command(description = "Deletes an area with all that is in it.")
    int rm(
            @Parameters(paramLabel = "DEVICE") Path path,
            @Parameters(paramLabel = "AREA") String name,
            @Option(names = "--yes", required = true, description = "Yes, for ever.") boolean yes)
            throws IOException {
        try (Device device = Device.writing(path)) {
            device.area(name);
            device.plane().delete(name);
            return 0;
        }
    }

    // ---- moving data --------------------------------------------------------------------------------------------

    @Command(description = "Writes all records of an area to a new file, a line of JSON each, oldest first.")
    int export(
            @Parameters(paramLabel = "DEVICE") Path path,
            @Parameters(paramLabel = "AREA") String name,
            @Parameters(paramLabel = "FILE") Path file)
            throws IOException {
        try (Device device = Device.reading(path);
                LogCore log = device.reading(device.area(name));
                BufferedWriter target = Files.newBufferedWriter(file, StandardOpenOption.CREATE_NEW)) {
            Progress progress = progress("export", log.durable() - log.head());
            LogCursor cursor = log.cursor(log.head());
            long records = 0;
            try {
                for (; cursor.next(); records++) {
                    target.write(line(cursor, bytes(cursor)));
                    target.newLine();
                    progress.at(cursor.end() - log.head());
                }
            } catch (LogCorruptException e) {
                throw new IOException(records + " records were exported; then: " + e.getMessage(), e);
            }
            out().println(records + " records");
            out().flush();
            return 0;
        }
    }

    @Command(name = "import", description = "Appends the records of an exported file to an area without records.")
    int importTo(
            @Parameters(paramLabel = "DEVICE") Path path,
            @Parameters(paramLabel = "AREA") String name,
            @Parameters(paramLabel = "FILE") Path file)
            throws IOException {
        try (Device device = Device.writing(path);
                BufferedReader source = Files.newBufferedReader(file);
                LogCore log = device.log(device.area(name), Rights.READ_WRITE, LogOptions.DEFAULTS)) {
            if (log.durable() > 0) {
                throw new IOException("area \"" + name + "\" has had records: import into a new one");
            }
            Progress progress = progress("import", Files.size(file));
            long read = 0;
            long records = 0;
            for (String line = source.readLine(); line != null; line = source.readLine()) {
                append(device, log, ExportLine.data(line, ++records));
                read += line.length() + 1L;
                progress.at(read);
            }
            device.settle(log);
            out().println(records + " records");
            out().flush();
            return 0;
        }
    }

    private static void append(Device device, LogCore log, byte[] data) throws IOException {
        while (true) {
            long end = log.append(MemorySegment.ofArray(data), 0, data.length);
            if (end > 0) {
                return;
            }
            if (end != LogCore.BUSY) {
                throw new IOException(
                        end == LogCore.NO_SPACE
                                ? "the area is full: \"sietch resize\" it after deleting and creating it anew"
                                : "the log cannot be written");
            }
            log.commit();
            log.poll();
            device.poll();
        }
    }
}
