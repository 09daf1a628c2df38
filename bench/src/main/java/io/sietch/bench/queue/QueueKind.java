package io.sietch.bench.queue;

import io.sietch.bench.log.ChronicleFlags;
import io.sietch.bench.queue.QueueCase.Promise;
import io.sietch.bench.report.Library;
import java.nio.file.Path;
import java.util.List;

/** Who takes part, and what each needs. */
enum QueueKind {
    SIETCH("Sietch PersistentQueue", List.of()),
    CHRONICLE("Chronicle Queue", ChronicleFlags.FLAGS),
    MVSTORE("H2 MVStore map", List.of());

    private final String title;
    private final List<String> jvmFlags;

    QueueKind(String title, List<String> jvmFlags) {
        this.title = title;
        this.jvmFlags = jvmFlags;
    }

    String title() {
        return title;
    }

    /** What is done for a promise, and what survives a loss of power by it. */
    String durability(Promise promise) {
        return switch (this) {
            case SIETCH ->
                switch (promise) {
                    case DURABLE -> "offers and removals, when they return";
                    case TAKEN_LATER -> "offers; acknowledgements with the next offer (lease, ackLater)";
                    case NOBODY_WAITS -> "all that is shown; all that was handed out stays removed";
                };
            case CHRONICLE ->
                switch (promise) {
                    case DURABLE ->
                        "appends, by sync() as MS_SYNC; the reader's place, as appends to a second queue with sync()";
                    case TAKEN_LATER -> "appends, by sync() as MS_SYNC; the reader's place when the kernel likes";
                    case NOBODY_WAITS -> "what the kernel has written by then";
                };
            case MVSTORE ->
                switch (promise) {
                    case DURABLE -> "offers and removals: commit and sync for each";
                    case TAKEN_LATER -> "offers: commit and sync for each; removals with the next offer";
                    case NOBODY_WAITS -> "what a background thread has committed by then";
                };
        };
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

    BenchQueue open(Path directory, Promise promise) throws Exception {
        return switch (this) {
            case SIETCH -> new SietchQueue(directory, promise);
            case CHRONICLE -> new ChronicleBenchQueue(directory, promise);
            case MVSTORE -> new MvStoreQueue(directory, promise);
        };
    }
}
