package io.sietch.bench.store;

import io.sietch.bench.log.ChronicleFlags;
import io.sietch.bench.report.Library;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.List;

/** Who takes part, and what each needs. */
enum StoreKind {
    SIETCH("Sietch PersistentTable", "", "SietchStore", "each put; threads that wait share a flush", true, List.of()),
    CHRONICLE(
            "Chronicle Map",
            "net.openhft.chronicle.map.ChronicleMap",
            "ChronicleMapStore",
            "none: page cache only",
            false,
            ChronicleFlags.FLAGS),
    ROCKSDB(
            "RocksDB",
            "org.rocksdb.RocksDB",
            "RocksDbStore",
            "each put (sync = true); threads that wait share a flush",
            true,
            Flags.NATIVE),
    LMDB("LMDB", "org.lmdbjava.Env", "LmdbStore", "each put a transaction, one after the other", true, Flags.LMDB),
    MVSTORE("H2 MVStore", "org.h2.mvstore.MVStore", "MvStoreStore", "commit and sync for each put", true, List.of()),
    MAPDB("MapDB", "org.mapdb.DBMaker", "MapDbStore", "commit of the write-ahead log for each put", true, List.of()),
    XODUS(
            "Xodus",
            "jetbrains.exodus.env.Environments",
            "XodusStore",
            "each put a transaction (logDurableWrite)",
            true,
            Flags.XODUS),
    RAW("raw write + fdatasync", "", "RawStore", "one write and one flush for each put", true, List.of());

    private final String title;
    private final String needs;
    private final String adapter;
    private final String durability;
    private final boolean canBeDurable;
    private final List<String> jvmFlags;

    /** What the peers' own documentation asks for on newer versions of Java; nobody else needs a flag. */
    private static final class Flags {
        static final List<String> NATIVE = List.of("--enable-native-access=ALL-UNNAMED");
        static final List<String> LMDB = List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
        static final List<String> XODUS = List.of(
                "--sun-misc-unsafe-memory-access=allow",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED");
    }

    StoreKind(
            String title,
            String needs,
            String adapter,
            String durability,
            boolean canBeDurable,
            List<String> jvmFlags) {
        this.title = title;
        this.needs = needs;
        this.adapter = StoreKind.class.getPackageName() + "." + adapter;
        this.durability = durability;
        this.canBeDurable = canBeDurable;
        this.jvmFlags = jvmFlags;
    }

    String title() {
        return title;
    }

    /** How a put is made to survive a loss of power, in the measures of durable puts. */
    String durability() {
        return durability;
    }

    /** Whether it finds what was put: the raw loop does not. */
    boolean isStore() {
        return this != RAW;
    }

    /** Whether a put can wait until it survives a loss of power. */
    boolean canBeDurable() {
        return canBeDurable;
    }

    /** What the JVM that runs it must be started with. */
    List<String> jvmFlags() {
        return jvmFlags;
    }

    /** Whether its classes are on the class path. */
    boolean isInstalled() {
        return needs.isEmpty() || Library.has(needs) && Library.has(adapter);
    }

    /** Its version: that in the name of the jar it is loaded from, or else that of this project. */
    String version() {
        return needs.isEmpty() ? Library.OWN_VERSION : Library.versionOf(needs);
    }

    /** Opens it, or makes it if there is nothing in the directory. */
    Store open(Path directory, Store.Setup setup) throws Exception {
        try {
            return Class.forName(adapter)
                    .asSubclass(Store.class)
                    .getDeclaredConstructor(Path.class, Store.Setup.class)
                    .newInstance(directory, setup);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
