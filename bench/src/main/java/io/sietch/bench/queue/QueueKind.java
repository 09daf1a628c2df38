package io.sietch.bench.queue;

import io.sietch.bench.log.ChronicleFlags;
import io.sietch.bench.report.Library;
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
        return switch (this) {
            case SIETCH -> Library.OWN_VERSION;
            case CHRONICLE -> Library.versionOf("net.openhft.chronicle.queue.ChronicleQueue");
            case MVSTORE -> Library.versionOf("org.h2.mvstore.MVStore");
        };
    }

    BenchQueue open(Path directory, boolean durable) throws Exception {
        return switch (this) {
            case SIETCH -> new SietchQueue(directory, durable);
            case CHRONICLE -> new ChronicleBenchQueue(directory, durable);
            case MVSTORE -> new MvStoreQueue(directory, durable);
        };
    }
}
