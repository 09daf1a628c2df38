package io.sietch.bench.queue;

import io.sietch.bench.log.ChronicleFlags;
import java.nio.file.Path;
import java.util.List;

/** Who takes part, and what each needs. */
enum QueueKind {
    SIETCH("Sietch PersistentQueue", "offer and removal survive a loss of power", List.of()),
    CHRONICLE(
            "Chronicle Queue",
            "appends flushed with sync(); how far the reader came is in the page cache only",
            ChronicleFlags.FLAGS),
    MVSTORE("H2 MVStore map", "commit and sync for each offer and removal", List.of());

    private final String title;
    private final String durability;
    private final List<String> jvmFlags;

    QueueKind(String title, String durability, List<String> jvmFlags) {
        this.title = title;
        this.durability = durability;
        this.jvmFlags = jvmFlags;
    }

    String title() {
        return title;
    }

    /** What survives in the durable measures. */
    String durability() {
        return durability;
    }

    List<String> jvmFlags() {
        return jvmFlags;
    }

    String version() {
        if (this == SIETCH) {
            return "0.1.0";
        }
        String type = this == CHRONICLE ? "net/openhft/chronicle/queue/ChronicleQueue" : "org/h2/mvstore/MVStore";
        var found = ClassLoader.getSystemResource(type + ".class");
        if (found == null) {
            return "not installed";
        }
        String jar = found.getPath().replaceFirst("!.*", "").replaceFirst(".*/", "");
        return jar.replaceFirst("^.*?-(?=[0-9]+\\.)", "").replaceFirst("\\.jar$", "");
    }

    BenchQueue open(Path directory, boolean durable) throws Exception {
        return switch (this) {
            case SIETCH -> new SietchQueue(directory, durable);
            case CHRONICLE -> new ChronicleBenchQueue(directory, durable);
            case MVSTORE -> new MvStoreQueue(directory, durable);
        };
    }
}
