package io.sietch.crash;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a life leaves at one crash point, before anything is decided: shared by all images of that point, so that what
 * does not depend on decisions is found out once.
 *
 * <p>Words: the <em>candidates</em> of a sector are its version made durable by the last flush that covers it, and
 * every version written since. A sector with more than one (equal bytes count once) is <em>contended</em>.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A <em>certain</em> sector holds the same bytes in every image. No choice is asked for it.
 *   <li>Nothing is decided, here or in an earlier image, before a sector's candidates are asked for.
 * </ol>
 */
final class Remains {
    private final CrashMedia source;
    private final int events;
    private final long size;
    private final byte[] @Nullable [] certain;
    private final byte[] @Nullable [][] candidates;
    private @Nullable List<Integer> unflushed;

    Remains(CrashMedia source, int events) {
        this.source = source;
        this.events = events;
        this.size = source.sizeAt(events);
        int sectors = source.geometry().maxSectors();
        this.certain = new byte[sectors][];
        this.candidates = new byte[sectors][][];
        for (int sector = 0; sector < sectors; sector++) {
            certain[sector] = certainly(sector);
        }
    }

    private byte @Nullable [] certainly(int sector) {
        SectorLog log = source.log(sector);
        if (log == null) {
            return source.certainAtFirst(sector);
        }
        int durable = log.durableBefore(events);
        if (durable >= 0 && log.get(durable).deallocated || log.hasPending(durable, events)) {
            return null;
        }
        return durable < 0 ? source.certainAtFirst(sector) : log.get(durable).bytes;
    }

    /** Whether an event left everything as it was: a good flush that found nothing to make durable. */
    static boolean isIdle(CrashMedia media, int event) {
        if (!media.event(event).isFlush() || media.event(event).failed()) {
            return false;
        }
        for (int sector = 0; sector < media.geometry().maxSectors(); sector++) {
            SectorLog log = media.log(sector);
            for (int i = 0; log != null && i < log.count(); i++) {
                if (log.get(i).durableAt == event) {
                    return false;
                }
            }
        }
        return true;
    }

    CrashMedia source() {
        return source;
    }

    int events() {
        return events;
    }

    long size() {
        return size;
    }

    /** The bytes of a sector that no decision changes; null if there may be one to take. */
    byte @Nullable [] certain(int sector) {
        return certain[sector];
    }

    /** Different versions that may survive, newest first. The sector was written to in the life that crashed. */
    byte[][] candidates(int sector, SectorLog log) {
        byte[][] known = candidates[sector];
        if (known == null) {
            known = find(sector, log);
            candidates[sector] = known;
        }
        return known;
    }

    private byte[][] find(int sector, SectorLog log) {
        int durable = log.durableBefore(events);
        int oldest = durable >= 0 && log.get(durable).deallocated ? durable - 1 : durable;
        List<byte[]> found = new ArrayList<>();
        for (int i = log.count() - 1; i >= 0 && i >= oldest; i--) {
            SectorLog.Version version = log.get(i);
            if (version.command < events && (i <= durable || version.droppedAt >= events)) {
                addIfNew(found, version.bytes);
            }
        }
        if (oldest < 0) {
            addIfNew(found, source.initial(sector));
        }
        return found.toArray(new byte[0][]);
    }

    private static void addIfNew(List<byte[]> candidates, byte[] bytes) {
        for (byte[] candidate : candidates) {
            if (Arrays.equals(candidate, bytes)) {
                return;
            }
        }
        candidates.add(bytes);
    }

    /** The commands in order of completion whose survival the last good flush leaves open. */
    List<Integer> unflushed() {
        if (unflushed == null) {
            unflushed = source.writesSinceGoodFlush(events);
        }
        return unflushed;
    }
}
