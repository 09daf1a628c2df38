package io.sietch.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads files in the form of {@code redis.conf}: an option and its values on each line, quoted if need be. */
final class ConfigFile {
    /** Options of Redis for what does not exist here. They are skipped, so that an existing file can be used. */
    private static final Set<String> SKIPPED = Set.of(
            "acl-pubsub-default",
            "aclfile",
            "acllog-max-len",
            "active-defrag-cycle-max",
            "active-defrag-cycle-min",
            "active-expire-effort",
            "activedefrag",
            "activerehashing",
            "always-show-logo",
            "aof-load-truncated",
            "aof-rewrite-incremental-fsync",
            "aof-timestamp-enabled",
            "aof-use-rdb-preamble",
            "appenddirname",
            "appendfilename",
            "auto-aof-rewrite-min-size",
            "auto-aof-rewrite-percentage",
            "crash-log-enabled",
            "dbfilename",
            "dynamic-hz",
            "enable-debug-command",
            "enable-module-command",
            "enable-protected-configs",
            "hash-max-listpack-entries",
            "hash-max-listpack-value",
            "hll-sparse-max-bytes",
            "jemalloc-bg-thread",
            "latency-monitor-threshold",
            "latency-tracking",
            "lazyfree-lazy-eviction",
            "lazyfree-lazy-expire",
            "lazyfree-lazy-server-del",
            "lazyfree-lazy-user-del",
            "lazyfree-lazy-user-flush",
            "lfu-decay-time",
            "lfu-log-factor",
            "list-compress-depth",
            "list-max-listpack-size",
            "locale-collate",
            "logfile",
            "loglevel",
            "maxmemory-eviction-tenacity",
            "maxmemory-samples",
            "oom-score-adj",
            "oom-score-adj-values",
            "pidfile",
            "proc-title-template",
            "rdb-del-sync-files",
            "rdb-save-incremental-fsync",
            "rdbchecksum",
            "rdbcompression",
            "repl-diskless-load",
            "repl-diskless-sync",
            "repl-diskless-sync-delay",
            "repl-disable-tcp-nodelay",
            "replica-lazy-flush",
            "replica-priority",
            "replica-read-only",
            "replica-serve-stale-data",
            "sanitize-dump-payload",
            "set-max-intset-entries",
            "set-proc-title",
            "stop-writes-on-bgsave-error",
            "stream-node-max-bytes",
            "stream-node-max-entries",
            "supervised",
            "syslog-enabled",
            "unixsocketperm",
            "zset-max-listpack-entries",
            "zset-max-listpack-value");

    private ConfigFile() {}

    /**
     * Sets the options that the file names.
     *
     * @return the options that were skipped because what they are for does not exist here
     * @throws ConfigException naming file and line
     */
    static List<String> load(Path file, ServerConfig config) throws ConfigException {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, UTF_8);
        } catch (NoSuchFileException e) {
            throw new ConfigException("cannot read " + file + ": there is no such file");
        } catch (IOException e) {
            throw new ConfigException("cannot read " + file + ": " + e.getMessage());
        }
        List<String> skipped = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            try {
                String option = apply(lines.get(i), config);
                if (!option.isEmpty()) {
                    skipped.add(option);
                }
            } catch (ConfigException e) {
                throw new ConfigException(file + ", line " + (i + 1) + ": " + e.getMessage());
            }
        }
        return skipped;
    }

    /** Returns the option if it was skipped, else the empty string. */
    private static String apply(String line, ServerConfig config) throws ConfigException {
        String trimmed = line.strip();
        if (trimmed.isEmpty() || trimmed.startsWith("#")) {
            return "";
        }
        List<String> words = split(trimmed);
        String option = words.getFirst().toLowerCase(Locale.ROOT);
        if (SKIPPED.contains(option)) {
            return option;
        }
        config.set(option, words.subList(1, words.size()));
        return "";
    }

    private static List<String> split(String line) throws ConfigException {
        byte[] bytes = line.getBytes(UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            Request request = new Request();
            if (bytes.length >= RespDecoder.MAX_LINE
                    || new LineSplitter().split(memory, 0, bytes.length, request) <= 0) {
                throw new ConfigException("unbalanced quotes");
            }
            List<String> words = new ArrayList<>();
            for (int i = 0; i < request.count(); i++) {
                words.add(request.toText(i));
            }
            return words;
        }
    }
}
