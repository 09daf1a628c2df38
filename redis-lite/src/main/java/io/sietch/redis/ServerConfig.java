package io.sietch.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.sietch.vsic.WritePath;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The options of the server by the names that {@code redis.conf} and {@code CONFIG} know, whatever set them: defaults,
 * the file, flags, or a client. One thread.
 */
final class ServerConfig {
    /** Sets an option from its words. */
    @FunctionalInterface
    private interface Setter {
        void set(List<String> words) throws ConfigException;
    }

    /**
     * An option.
     *
     * @param atRunTime whether {@code CONFIG SET} may change it
     * @param setter null for those that are what they are
     */
    private record Option(Supplier<String> getter, @Nullable Setter setter, boolean atRunTime) {}

    /** Redis's name for the protocol's limit, which also bounds every value. */
    static final String MAX_BULK = "proto-max-bulk-len";

    private static final long SECOND = 1_000_000_000L;
    private static final int MAX_FLOW_BYTES = 1 << 30;

    private final Map<String, Option> options = new TreeMap<>();

    private List<String> bind = List.of("127.0.0.1");
    private int port = 6379;
    private List<String> listenWords = List.of();
    private ListenAt listenAt = ListenAt.NOT_SAID;
    private Path dir = Path.of(".");
    private AppendFsync appendFsync = AppendFsync.ALWAYS;
    private String requirePassword = "";
    private int maxClients = 10_000;
    private int timeoutSeconds;
    private int requestTimeoutSeconds = 60;
    private long maxBulk = 64L << 20;
    private long queryBuffer = 256L << 20;
    private long outputBuffer = 256L << 20;
    private long clientMemory = 1L << 30;
    private WritePath mediumPath = WritePath.AUTO;
    private long deviceSize;
    private long deviceMaxSize = 64L << 30;
    private long segmentSize = 16L << 20;
    private long checkpointInterval = 64L << 20;

    ServerConfig() {
        addNetworkOptions();
        addLimits();
        addDevice();
        addFixed();
    }

    private void addNetworkOptions() {
        add("listen", () -> String.join(" ", listenWords), false, words -> {
            listenAt = ListenAt.parse(words);
            listenWords = List.copyOf(words);
        });
        add("bind", () -> String.join(" ", bind), false, words -> bind = List.copyOf(words));
        add(
                "port",
                () -> String.valueOf(port),
                false,
                words -> port = (int) number("port", one("port", words), 0, 65_535));
        add(
                "timeout",
                () -> String.valueOf(timeoutSeconds),
                true,
                words -> timeoutSeconds = (int) number("timeout", one("timeout", words), 0, Integer.MAX_VALUE));
        add(
                "request-timeout",
                () -> String.valueOf(requestTimeoutSeconds),
                true,
                words -> requestTimeoutSeconds =
                        (int) number("request-timeout", one("request-timeout", words), 0, Integer.MAX_VALUE));
        add("requirepass", () -> requirePassword, true, words -> requirePassword = one("requirepass", words));
    }

    private void addLimits() {
        add(
                "maxclients",
                () -> String.valueOf(maxClients),
                false,
                words -> maxClients = (int) number("maxclients", one("maxclients", words), 1, 1_000_000));
        add(
                MAX_BULK,
                () -> String.valueOf(maxBulk),
                true,
                words -> maxBulk = bytes(MAX_BULK, one(MAX_BULK, words), 1L << 20, 1L << 29));
        add(
                "client-query-buffer-limit",
                () -> String.valueOf(queryBuffer),
                false,
                words -> queryBuffer = bytes(
                        "client-query-buffer-limit",
                        one("client-query-buffer-limit", words),
                        1L << 20,
                        MAX_FLOW_BYTES));
        add("client-output-buffer-limit", this::outputLimits, false, this::outputLimits);
        add(
                "maxmemory-clients",
                () -> String.valueOf(clientMemory),
                false,
                words ->
                        clientMemory = bytes("maxmemory-clients", one("maxmemory-clients", words), 1L << 20, 1L << 40));
    }

    private void addDevice() {
        add("dir", () -> dir.toAbsolutePath().normalize().toString(), false, words -> dir = Path.of(one("dir", words)));
        add("appendfsync", () -> appendFsync.text(), true, words -> {
            AppendFsync mode = AppendFsync.parse(one("appendfsync", words));
            if (mode == null) {
                throw new ConfigException("argument(s) must be one of the following: always, everysec, no");
            }
            appendFsync = mode;
        });
        add(
                "medium-path",
                () -> mediumPath.name().toLowerCase(Locale.ROOT),
                false,
                words -> mediumPath = mediumPath(one("medium-path", words)));
        add(
                "device-size",
                () -> String.valueOf(deviceSize),
                false,
                words -> deviceSize = bytes("device-size", one("device-size", words), 0, 1L << 46));
        add(
                "device-max-size",
                () -> String.valueOf(deviceMaxSize),
                false,
                words -> deviceMaxSize = bytes("device-max-size", one("device-max-size", words), 1L << 20, 1L << 46));
        add(
                "log-segment-size",
                () -> String.valueOf(segmentSize),
                false,
                words -> segmentSize = bytes("log-segment-size", one("log-segment-size", words), 1L << 16, 1L << 30));
        add(
                "log-checkpoint-interval",
                () -> String.valueOf(checkpointInterval),
                false,
                words -> checkpointInterval =
                        bytes("log-checkpoint-interval", one("log-checkpoint-interval", words), 1L << 12, 1L << 46));
    }

    /** What clients ask for and what cannot be chosen here. */
    private void addFixed() {
        Map.ofEntries(
                        Map.entry("appendonly", "yes"),
                        Map.entry("save", ""),
                        Map.entry("databases", "1"),
                        Map.entry("maxmemory", "0"),
                        Map.entry("maxmemory-policy", "noeviction"),
                        Map.entry("notify-keyspace-events", ""),
                        Map.entry("protected-mode", "no"),
                        Map.entry("daemonize", "no"),
                        Map.entry("hz", "10"),
                        Map.entry("tcp-keepalive", "300"),
                        Map.entry("tcp-backlog", "511"),
                        Map.entry("io-threads", "1"),
                        Map.entry("cluster-enabled", "no"),
                        Map.entry("no-appendfsync-on-rewrite", "no"),
                        Map.entry("lua-time-limit", "5000"),
                        Map.entry("slowlog-log-slower-than", "-1"),
                        Map.entry("slowlog-max-len", "0"))
                .forEach((name, value) -> options.put(name, new Option(() -> value, null, true)));
    }

    private void add(String name, Supplier<String> getter, boolean atRunTime, Setter setter) {
        options.put(name, new Option(getter, setter, atRunTime));
    }

    // ---- by name
    // ------------------------------------------------------------------------------------------------------

    /**
     * Sets an option, at start-up.
     *
     * @throws ConfigException if there is no such option, or the value is no good
     */
    void set(String name, List<String> words) throws ConfigException {
        Option option = options.get(name.toLowerCase(Locale.ROOT));
        if (option == null) {
            throw new ConfigException("unknown option " + name);
        }
        set(name, option, words);
    }

    private static void set(String name, Option option, List<String> words) throws ConfigException {
        Setter setter = option.setter();
        if (setter != null) {
            setter.set(words);
            return;
        }
        String wanted = String.join(" ", words);
        if (!wanted.equals(option.getter().get())) {
            throw new ConfigException(
                    name + " is always \"" + option.getter().get() + "\" here, and cannot be \"" + wanted + "\"");
        }
    }

    /**
     * Sets an option for a client.
     *
     * @return null, or why not, in Redis's words
     */
    @Nullable
    String setAtRunTime(String name, String value) {
        Option option = options.get(name.toLowerCase(Locale.ROOT));
        if (option == null) {
            return "ERR Unknown option or number of arguments for CONFIG SET - '" + name + "'";
        }
        if (!option.atRunTime()) {
            return "ERR CONFIG SET failed (possibly related to argument '" + name + "') - can't set immutable config";
        }
        try {
            set(name, option, value.isEmpty() ? List.of("") : List.of(value.split(" +")));
            return null;
        } catch (ConfigException e) {
            return "ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + e.getMessage();
        }
    }

    /** The options whose names match a pattern, with their values. */
    Map<String, String> matching(List<byte[]> patterns) {
        Map<String, String> found = new TreeMap<>();
        options.forEach((name, option) -> {
            for (byte[] pattern : patterns) {
                if (matches(pattern, name)) {
                    found.put(name, option.getter().get());
                }
            }
        });
        return found;
    }

    private static boolean matches(byte[] pattern, String name) {
        byte[] text = name.getBytes(US_ASCII);
        byte[] lower = new String(pattern, ISO_8859_1).toLowerCase(Locale.ROOT).getBytes(ISO_8859_1);
        return Glob.matches(MemorySegment.ofArray(lower), 0, lower.length, MemorySegment.ofArray(text), 0, text.length);
    }

    // ---- values
    // -------------------------------------------------------------------------------------------------------

    private static String one(String name, List<String> words) throws ConfigException {
        if (words.size() != 1) {
            throw new ConfigException(name + " takes one value, and got " + words.size());
        }
        return words.getFirst();
    }

    private static long number(String name, String text, long min, long max) throws ConfigException {
        try {
            long value = Long.parseLong(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new ConfigException("argument must be between " + min + " and " + max + " inclusive");
    }

    /** A number of bytes as {@code redis.conf} writes it: {@code 64mb} is binary, {@code 64m} decimal. */
    static long bytes(String name, String text, long min, long max) throws ConfigException {
        String lower = text.toLowerCase(Locale.ROOT);
        int digits = 0;
        while (digits < lower.length() && Character.isDigit(lower.charAt(digits))) {
            digits++;
        }
        long unit = switch (lower.substring(digits)) {
            case "", "b" -> 1;
            case "k" -> 1_000;
            case "kb" -> 1L << 10;
            case "m" -> 1_000_000;
            case "mb" -> 1L << 20;
            case "g" -> 1_000_000_000;
            case "gb" -> 1L << 30;
            default -> 0;
        };
        if (unit == 0 || digits == 0 || digits > 15) {
            throw new ConfigException(
                    name + " is " + text + ": must be a number of bytes, such as 1048576, 64mb or 2gb");
        }
        long value = Long.parseLong(lower.substring(0, digits)) * unit;
        if (value < min || value > max) {
            throw new ConfigException(name + " is " + text + ": must be " + min + " to " + max + " bytes");
        }
        return value;
    }

    private static WritePath mediumPath(String text) throws ConfigException {
        for (WritePath path : WritePath.values()) {
            if (path.name().equalsIgnoreCase(text)) {
                return path;
            }
        }
        throw new ConfigException("medium-path is " + text + ": must be auto, channel or mapping");
    }

    private String outputLimits() {
        return "normal " + outputBuffer + " 0 0";
    }

    private void outputLimits(List<String> words) throws ConfigException {
        for (int i = 0; i + 3 < words.size(); i += 4) {
            if (words.get(i).equals("normal") && !words.get(i + 1).equals("0")) {
                outputBuffer = bytes("client-output-buffer-limit", words.get(i + 1), 1L << 16, MAX_FLOW_BYTES);
            }
        }
        if (words.size() % 4 != 0) {
            throw new ConfigException(
                    "client-output-buffer-limit takes a class, a hard limit, a soft limit and seconds");
        }
    }

    // ---- typed
    // --------------------------------------------------------------------------------------------------------

    List<String> bind() {
        return new ArrayList<>(bind);
    }

    int port() {
        return port;
    }

    /** Where to listen instead of {@link #bind} and {@link #port}, if that was said. */
    ListenAt listenAt() {
        return listenAt;
    }

    /** The system chose the port. */
    void boundPort(int chosen) {
        port = chosen;
    }

    Path dir() {
        return dir;
    }

    AppendFsync appendFsync() {
        return appendFsync;
    }

    String requirePassword() {
        return requirePassword;
    }

    int maxClients() {
        return maxClients;
    }

    /** After how long an idle connection is closed; 0 for never. */
    long timeoutNanos() {
        return timeoutSeconds * SECOND;
    }

    /** How long an incomplete request of so many bytes may take: a fixed time, and 16 KiB a second. 0 for ever. */
    long requestTimeoutNanos(int receivedBytes) {
        return requestTimeoutSeconds == 0 ? 0 : (requestTimeoutSeconds + (receivedBytes >> 14)) * SECOND;
    }

    int maxBulk() {
        return (int) maxBulk;
    }

    /** Lowers the longest argument to what the log can hold. */
    void capMaxBulk(long bytes) {
        maxBulk = Math.min(maxBulk, bytes);
    }

    int queryBuffer() {
        return (int) queryBuffer;
    }

    int outputBuffer() {
        return (int) outputBuffer;
    }

    long clientMemory() {
        return clientMemory;
    }

    WritePath mediumPath() {
        return mediumPath;
    }

    /** Bytes that a new device has at first; 0 for the least that is useful. */
    long deviceSize() {
        return deviceSize;
    }

    long deviceMaxSize() {
        return deviceMaxSize;
    }

    /** How many bytes are appended at least before the index is copied into the log again. */
    long checkpointInterval() {
        return checkpointInterval;
    }

    int segmentSize() {
        return (int) segmentSize;
    }
}
