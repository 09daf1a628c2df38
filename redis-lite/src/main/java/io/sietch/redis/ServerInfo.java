package io.sietch.redis;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The text of {@code INFO}: sections of lines {@code name:value}. Who owns the numbers adds the section. One thread.
 */
final class ServerInfo {
    /** Collects the lines of a section. */
    static final class Lines {
        private final StringBuilder text = new StringBuilder();

        Lines add(String name, Object value) {
            text.append(name).append(':').append(value).append("\r\n");
            return this;
        }
    }

    private final Map<String, Consumer<Lines>> sections = new LinkedHashMap<>();
    private final LongSupplier epochMicros;

    /** @param epochMicros the time in microseconds since 1970 */
    ServerInfo(LongSupplier epochMicros) {
        this.epochMicros = epochMicros;
    }

    /**
     * Adds a section; the order is that of the text.
     *
     * @param title as it is shown; asked for in lower case
     */
    void section(String title, Consumer<Lines> filler) {
        sections.put(title, filler);
    }

    long epochMicros() {
        return epochMicros.getAsLong();
    }

    /** The sections asked for; all if none is, or {@code all}, {@code everything} or {@code default}. */
    String text(List<String> asked) {
        boolean all =
                asked.isEmpty() || asked.contains("all") || asked.contains("everything") || asked.contains("default");
        StringBuilder text = new StringBuilder();
        sections.forEach((title, filler) -> {
            if (all || asked.contains(title.toLowerCase(Locale.ROOT))) {
                Lines lines = new Lines();
                filler.accept(lines);
                text.append(text.isEmpty() ? "" : "\r\n")
                        .append("# ")
                        .append(title)
                        .append("\r\n")
                        .append(lines.text);
            }
        });
        return text.toString();
    }

    /** A number of bytes as people read it: {@code 1.50M}. */
    static String human(long bytes) {
        if (bytes < 1024) {
            return bytes + "B";
        }
        int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        return "%.2f%c".formatted((double) bytes / (1L << 10 * unit), "BKMGTP".charAt(unit));
    }

    /** Bytes of the Java heap in use. */
    static long heapBytes() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
