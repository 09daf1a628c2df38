package io.sietch.bench.log;

import io.sietch.bench.log.LogContender.Promise;
import io.sietch.bench.report.Library;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Who takes part, and what each needs. */
enum Contender {
    RAW("raw write + fdatasync", "", List.of()),
    CORE("Sietch LogCore, own thread", "", List.of()),
    FACE("Sietch PersistentLog", "", List.of()),
    CHRONICLE("Chronicle Queue", "net.openhft.chronicle.queue.ChronicleQueue", ChronicleFlags.FLAGS),
    MVSTORE("H2 MVStore", "org.h2.mvstore.MVStore", List.of()),
    ROCKSDB("RocksDB WAL", "org.rocksdb.RocksDB", List.of("--enable-native-access=ALL-UNNAMED"));

    private static final String ROCKSDB_LOG = "io.sietch.bench.log.RocksDbLog";

    private final String title;
    private final String needs;
    private final List<String> jvmFlags;

    Contender(String title, String needs, List<String> jvmFlags) {
        this.title = title;
        this.needs = needs;
        this.jvmFlags = jvmFlags;
    }

    String title() {
        return title;
    }

    /** What the JVM that runs it must be started with. */
    List<String> jvmFlags() {
        return jvmFlags;
    }

    /** Whether its classes are on the class path. */
    boolean isInstalled() {
        return needs.isEmpty() || Library.has(needs) && (this != ROCKSDB || Library.has(ROCKSDB_LOG));
    }

    /** Its version: that in the name of the jar it is loaded from, or else that of this project. */
    String version() {
        return needs.isEmpty() ? Library.OWN_VERSION : Library.versionOf(needs);
    }

    LogContender open(Path directory, Promise promise) throws Exception {
        return switch (this) {
            case RAW -> new RawLoop(directory);
            case CORE -> new SietchCoreLog(directory, promise);
            case FACE -> new SietchFaceLog(directory, promise);
            case CHRONICLE -> new ChronicleLog(directory, promise);
            case MVSTORE -> new MvStoreLog(directory);
            case ROCKSDB -> openRocksDb(directory);
        };
    }

    private static LogContender openRocksDb(Path directory) throws Exception {
        try {
            return Class.forName(ROCKSDB_LOG)
                    .asSubclass(LogContender.class)
                    .getDeclaredConstructor(Path.class)
                    .newInstance(directory);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
