package io.sietch.bench.redis;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The servers that take part. */
enum ServerKind {
    NONE("Redis, no persistence"),
    ALWAYS("Redis, appendfsync always"),
    LITE("redis-lite, appendfsync always");

    private final String title;

    ServerKind(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** Whether a SET is durable when it is answered. */
    boolean isDurable() {
        return this != NONE;
    }

    /** The launcher of redis-lite, which builds what it needs when it is first called. */
    static Path liteLauncher() {
        return Path.of(System.getProperty("sietch.bench.root", "."), "redis-lite", "bin", "redis-lite");
    }

    /**
     * @param program redis-server or redis-lite
     * @param directory an empty directory for its data
     */
    List<String> command(String program, int port, Path directory) {
        List<String> command = new ArrayList<>(List.of(program, "--port", Integer.toString(port)));
        command.addAll(List.of("--bind", "127.0.0.1", "--dir", directory.toString()));
        switch (this) {
            case NONE -> command.addAll(List.of("--save", "", "--appendonly", "no"));
            case ALWAYS ->
                command.addAll(List.of(
                        "--save",
                        "",
                        "--appendonly",
                        "yes",
                        "--appendfsync",
                        "always",
                        "--auto-aof-rewrite-percentage",
                        "0"));
            case LITE -> command.addAll(List.of("--appendfsync", "always"));
        }
        return command;
    }
}
