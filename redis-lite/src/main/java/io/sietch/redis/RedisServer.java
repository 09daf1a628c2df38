package io.sietch.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The server's command line. It sets options, starts a {@link ServerProcess} and says in one line what went wrong.
 *
 * <p>Exit codes: 0 after a clean shutdown, 1 if the server cannot start or stay, 2 for a mistake on the command line.
 */
@Command(
        name = "redis-lite",
        description = "A Redis-compatible server that never acknowledges a write it could lose.",
        sortOptions = false,
        usageHelpAutoWidth = true)
public final class RedisServer {
    /** The version of Redis whose clients and tools this server answers like. */
    static final String REDIS_VERSION = "7.0.15";

    private static final int CANNOT_START = 1;
    private static final int WRONG_USAGE = 2;

    @Parameters(index = "0", arity = "0..1", paramLabel = "FILE", description = "A file in the form of redis.conf.")
    private @Nullable Path file;

    @Option(names = "--config", paramLabel = "FILE", description = "The same as FILE.")
    private @Nullable Path configOption;

    @Option(names = "--port", paramLabel = "N", description = "TCP port; 0 lets the system choose (default 6379).")
    private @Nullable String port;

    @Option(
            names = "--bind",
            paramLabel = "ADDR",
            arity = "1..*",
            description = "Addresses to listen at (default 127.0.0.1).")
    private @Nullable List<String> bind;

    @Option(
            names = "--listen",
            paramLabel = "URL",
            arity = "1..*",
            description =
                    "Where to listen instead: tcp://HOST:PORT, shm:///PATH (shared memory, Java clients), or as a host"
                            + " of its own (docs/wires.md): tap://NAME?ip=A.B.C.D/BITS&host=A.B.C.D,"
                            + " xdp://NAME?ip=A.B.C.D/BITS, vnicd:///PATH.")
    private @Nullable List<String> listen;

    @Option(names = "--dir", paramLabel = "DIR", description = "Where the data is; made if it is missing (default .).")
    private @Nullable String dir;

    @Option(
            names = "--appendfsync",
            paramLabel = "MODE",
            description = "When a write is acknowledged: always (when it is durable; default), everysec, no.")
    private @Nullable String appendFsync;

    @Option(names = "--requirepass", paramLabel = "PASSWORD", description = "What clients have to AUTH with.")
    private @Nullable String password;

    @Option(names = "--maxclients", paramLabel = "N", description = "Connections at once (default 10000).")
    private @Nullable String maxClients;

    @Option(
            names = "--medium-path",
            paramLabel = "PATH",
            description = "How bytes get to the file: auto (the faster; default), channel, mapping.")
    private @Nullable String mediumPath;

    @Option(
            names = "--device-size",
            paramLabel = "BYTES",
            description = "First size of a new device file, such as 1gb (default: small; it grows as needed).")
    private @Nullable String deviceSize;

    @Option(
            names = "--device-max-size",
            paramLabel = "BYTES",
            description = "Size up to which the device file may grow (default 64gb).")
    private @Nullable String deviceMaxSize;

    @Option(
            names = "--log-segment-size",
            paramLabel = "BYTES",
            description = "Unit of log space in a new device file; bounds the largest value (default 16mb).")
    private @Nullable String segmentSize;

    @Option(
            names = "--log-checkpoint-interval",
            paramLabel = "BYTES",
            description = "What is appended at least before the index is copied into the log, so that the next start is"
                    + " short (default 64mb).")
    private @Nullable String checkpointInterval;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Option(
            names = {"-v", "--version"},
            versionHelp = true,
            description = "Shows the version.")
    private boolean versionAsked;

    private RedisServer() {}

    /** Runs the server until it is told to stop. */
    public static void main(String[] arguments) {
        int code = run(arguments);
        System.out.flush();
        System.exit(code);
    }

    private static int run(String[] arguments) {
        RedisServer command = new RedisServer();
        CommandLine line = new CommandLine(command);
        try {
            line.parseArgs(arguments);
        } catch (CommandLine.ParameterException e) {
            return misused(e.getMessage());
        }
        if (command.help) {
            line.usage(System.out);
            return 0;
        }
        if (command.versionAsked) {
            System.out.println("redis-lite " + version() + " (Redis " + REDIS_VERSION + " compatible, Java "
                    + Runtime.version().feature() + ")");
            return 0;
        }
        return command.serve();
    }

    private int serve() {
        ServerConfig config = new ServerConfig();
        List<String> skipped = new ArrayList<>();
        try {
            for (Path each : new @Nullable Path[] {file, configOption}) {
                if (each != null) {
                    skipped.addAll(ConfigFile.load(each, config));
                }
            }
        } catch (ConfigException e) {
            return cannotStart(e.getMessage());
        }
        try {
            applyFlags(config);
        } catch (ConfigException e) {
            return misused(e.getMessage());
        }
        if (!skipped.isEmpty()) {
            System.err.println(
                    "redis-lite: skipped options for what does not exist here: " + String.join(" ", skipped));
        }
        try (ServerProcess process = ServerProcess.start(config)) {
            System.out.println(process.greeting());
            System.out.flush();
            process.run();
            return 0;
        } catch (IOException e) {
            return cannotStart(e.getMessage());
        } catch (UncheckedIOException e) {
            return cannotStart(e.getMessage());
        }
    }

    private void applyFlags(ServerConfig config) throws ConfigException {
        apply(config, "port", port);
        if (bind != null) {
            config.set("bind", bind);
        }
        if (listen != null) {
            config.set("listen", listen);
        }
        apply(config, "dir", dir);
        apply(config, "appendfsync", appendFsync);
        apply(config, "requirepass", password);
        apply(config, "maxclients", maxClients);
        apply(config, "medium-path", mediumPath);
        apply(config, "device-size", deviceSize);
        apply(config, "device-max-size", deviceMaxSize);
        apply(config, "log-segment-size", segmentSize);
        apply(config, "log-checkpoint-interval", checkpointInterval);
    }

    private static void apply(ServerConfig config, String name, @Nullable String value) throws ConfigException {
        if (value != null) {
            try {
                config.set(name, List.of(value));
            } catch (ConfigException e) {
                throw new ConfigException("--" + name + " " + value + ": " + e.getMessage());
            }
        }
    }

    private static int misused(@Nullable String message) {
        System.err.println("redis-lite: " + message);
        System.err.println("Try 'redis-lite --help'.");
        return WRONG_USAGE;
    }

    private static int cannotStart(@Nullable String message) {
        System.err.println("redis-lite: " + message);
        return CANNOT_START;
    }

    /** The version of this program. */
    static String version() {
        try (InputStream in = RedisServer.class.getResourceAsStream("version.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
