package io.sietch.persistent;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Takes snapshots of a table, and gives back what they kept.
 *
 * <p>Threads: that of the table; but {@link #closed} from any.
 */
final class TableSnapshots {
    /** Nobody begins to read it any more. */
    private record Leaving(FrozenTable snapshot, long epoch) {}

    private final TableCore table;
    private final LogCore log;
    private final ReadEpochs epochs;
    private final Queue<FrozenTable> closed = new ConcurrentLinkedQueue<>();
    private int open;
    private final List<Leaving> leaving = new ArrayList<>();

    TableSnapshots(TableCore table, LogCore log, ReadEpochs epochs) {
        this.table = table;
        this.log = log;
        this.epochs = epochs;
    }

    /** The table as it is now; everything durable is applied. */
    FrozenTable take() {
        assert table.isCaughtUp();
        open++;
        return new FrozenTable(this, table, table.index().freeze(), log.holds().hold());
    }

    /** A snapshot is not begun to be read any more. Once for each. */
    void closed(FrozenTable snapshot) {
        closed.add(snapshot);
    }

    /** How many there are that keep something. */
    int open() {
        return open;
    }

    /** Whether some were closed, and what they kept comes back when readers have left. */
    boolean isWaiting() {
        return !leaving.isEmpty() || !closed.isEmpty();
    }

    /** Gives back what nobody reads any more. */
    int poll() {
        int work = 0;
        FrozenTable next;
        while ((next = closed.poll()) != null) {
            leaving.add(new Leaving(next, epochs.advance()));
        }
        for (int i = leaving.size() - 1; i >= 0; i--) {
            Leaving each = leaving.get(i);
            if (epochs.passed(each.epoch)) {
                leaving.remove(i);
                table.index().thaw(each.snapshot.index());
                log.holds().letGo(each.snapshot.held());
                open--;
                work++;
            }
        }
        return work;
    }
}
