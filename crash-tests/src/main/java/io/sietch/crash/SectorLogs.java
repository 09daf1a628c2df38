package io.sietch.crash;

import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The versions of all sectors of a medium.
 *
 * <p>Invariant: a sector with a version that a flush may cover is <em>dirty</em>.
 */
final class SectorLogs {
    private final @Nullable SectorLog[] logs;
    private final BitSet dirty = new BitSet();

    SectorLogs(int sectors) {
        logs = new SectorLog[sectors];
    }

    int sectors() {
        return logs.length;
    }

    /** The versions of a sector, null if it was not written to in this life. */
    @Nullable
    SectorLog get(int sector) {
        return logs[sector];
    }

    void put(int sector, SectorLog log) {
        logs[sector] = log;
        dirty.set(sector, log.isDirty());
    }

    /** The commands of a killed process that may still be lost, in their order; all have numbers below 0. */
    List<Integer> leftByKilled() {
        return Stream.of(logs)
                .filter(Objects::nonNull)
                .flatMap(SectorLog::leftByKilled)
                .distinct()
                .sorted()
                .toList();
    }

    /** @param orphan whether no flush will ever cover it */
    void add(int sector, SectorLog.Version version, boolean orphan) {
        version.orphan = orphan;
        SectorLog log = logs[sector];
        if (log == null) {
            log = new SectorLog();
            logs[sector] = log;
        }
        log.add(version);
        if (!orphan) {
            dirty.set(sector);
        }
    }

    /**
     * A good flush.
     *
     * @param scope the sectors that are flushed, null for all
     * @param now what is not complete by then is not covered
     * @param forgets whether what no later crash brings back is forgotten
     */
    void flush(int event, @Nullable BitSet scope, long now, boolean forgets) {
        for (int s = dirty.nextSetBit(0); s >= 0; s = dirty.nextSetBit(s + 1)) {
            if (scope == null || scope.get(s)) {
                SectorLog log = Objects.requireNonNull(logs[s]);
                if (!log.flushed(event, now)) {
                    dirty.clear(s);
                }
                if (forgets) {
                    log.prune();
                }
            }
        }
    }

    /** A flush that failed and left no later one anything to cover. */
    void markClean(@Nullable BitSet scope) {
        for (int s = dirty.nextSetBit(0); s >= 0; s = dirty.nextSetBit(s + 1)) {
            if (scope == null || scope.get(s)) {
                dirty.clear(s);
                Objects.requireNonNull(logs[s]).orphan();
            }
        }
    }

    /**
     * A flush that failed and threw away what it should have covered.
     *
     * @param changed told each sector that shows something else now
     */
    void revert(int event, @Nullable BitSet scope, IntConsumer changed) {
        for (int s = dirty.nextSetBit(0); s >= 0; s = dirty.nextSetBit(s + 1)) {
            if (scope == null || scope.get(s)) {
                dirty.clear(s);
                Objects.requireNonNull(logs[s]).drop(event);
                changed.accept(s);
            }
        }
    }

    /**
     * A reset of the device, which loses some of what was not complete.
     *
     * @param changed told each sector that shows something else now
     */
    void reset(int event, long now, long seed, IntConsumer changed) {
        for (int s = dirty.nextSetBit(0); s >= 0; s = dirty.nextSetBit(s + 1)) {
            if (Objects.requireNonNull(logs[s]).reset(event, now, seed)) {
                changed.accept(s);
            }
        }
    }
}
