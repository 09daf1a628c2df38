package io.sietch.crash.history;

import io.sietch.crash.history.LogStores.AcknowledgeEarly;
import io.sietch.crash.history.LogStores.EndMarkerOnly;
import io.sietch.crash.history.LogStores.HoleBetweenLogs;
import io.sietch.crash.history.LogStores.PartOfTransaction;
import io.sietch.crash.history.LogStores.RetriedFlush;
import io.sietch.crash.history.LogStores.UnalignedEdge;
import io.sietch.crash.history.TableStores.DirectoryNotFlushed;
import io.sietch.crash.history.TableStores.GrownHeader;
import io.sietch.crash.history.TableStores.RenameInPlace;
import io.sietch.crash.history.TableStores.RepairInTwoSteps;
import java.util.function.Function;

/** Mistakes of the past. */
enum HistoricBug {
    ACKNOWLEDGE_EARLY("etcd #14370: success is reported before the log is flushed", AcknowledgeEarly::new),
    GROWN_HEADER("redb: the header counts a page that is not there yet", GrownHeader::new),
    DOUBLE_CRASH("redb: a crash during repair leaves a store that claims to be clean", RepairInTwoSteps::new),
    HOLE_BETWEEN_LOGS("RocksDB: a later log is flushed while the one before is not", HoleBetweenLogs::new),
    DIRECTORY_NOT_FLUSHED("many: a new file is flushed, its directory is not", DirectoryNotFlushed::new),
    FLUSH_RETRIED("PostgreSQL: a flush that failed is tried again, and believed", RetriedFlush::new),
    END_MARKER_ONLY("Arrakis: a record is whole if its last byte is there", EndMarkerOnly::new),
    CUT_TRANSACTION("Redis: the commands of a transaction whose end is missing are replayed", PartOfTransaction::new),
    UNALIGNED_EDGE("file systems on persistent memory: the last part of a range is not flushed", UnalignedEdge::new),
    RENAME_IN_PLACE("NOVA: a rename takes the old name away in place", RenameInPlace::new);

    private final String story;
    private final Function<Boolean, SmallStore> stores;

    HistoricBug(String story, Function<Boolean, SmallStore> stores) {
        this.story = story;
        this.stores = stores;
    }

    /** The store with the mistake, or without. */
    SmallStore store(boolean repaired) {
        return stores.apply(repaired);
    }

    @Override
    public String toString() {
        return story;
    }
}
