package io.sietch.redis;

import io.sietch.persistent.IndexCheckpoint;
import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogCorruptException;
import io.sietch.persistent.LogSpace;
import io.sietch.vsic.Media;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Keeps room in the log: cleans it when most of it is history, and grows the device when that is not enough; keeps
 * opening it short, and checks what opening left unread. The growing itself, which waits for the medium, runs on
 * another thread; everything else on the reactor's.
 *
 * <p>Cleaning has the keyspace append again what of the oldest segment is alive; when that is durable, the segment is
 * used again. There is no copy of the data, no fork and no pause.
 */
final class Upkeep {
    private static final Logger LOG = System.getLogger(Upkeep.class.getPackageName());

    /** Below this a log is not worth cleaning. */
    private static final long CLEAN_FROM_BYTES = 64L << 20;

    /** Room that shall always be there, so that growing comes in time: at least, and at most. */
    private static final long MIN_RESERVE = 64L << 20;

    private static final long MAX_RESERVE = 256L << 20;

    /** After a failed growth, how long until the next try. */
    private static final long RETRY_NANOS = 2_000_000_000L;

    private final Storage storage;
    private final Keyspace keyspace;
    private final LogSpace space;
    private final IndexCheckpoint checkpoint;
    private final LogCheckup checkup;
    private final Executor helper;
    private final Runnable wake;
    private final long maxBytes;

    // Growing: handed over by the volatile.
    private volatile boolean growthDone;
    private @Nullable IOException growthFailure;
    private boolean growing;
    private boolean failedLast;
    private long retryAt;
    private final Complaints complaints = new Complaints(LOG);
    private long step = MIN_RESERVE;
    private @Nullable LogCorruptException cleaningDamage;
    private @Nullable LogCorruptException indexDamage;
    private @Nullable LogCorruptException expiryDamage;

    /**
     * @param recoveredFrom from where on the log was replayed
     * @param helper runs what waits for the medium
     * @param wake wakes the reactor
     */
    Upkeep(Storage storage, Keyspace keyspace, long recoveredFrom, long maxBytes, Executor helper, Runnable wake) {
        this.storage = storage;
        this.keyspace = keyspace;
        this.maxBytes = maxBytes;
        this.helper = helper;
        this.wake = wake;
        LogJournal journal = storage.journal();
        this.space = new LogSpace(journal.log(), keyspace, CLEAN_FROM_BYTES);
        this.checkpoint = KeyspaceCheckpoint.of(journal, keyspace, storage.checkpointInterval());
        checkpoint.startsFrom(recoveredFrom);
        this.checkup = new LogCheckup(journal.log(), storage.name(), recoveredFrom);
        journal.keepRoom(space);
        tellGrowth();
    }

    private boolean mayGrow() {
        return storage.media().size() + storage.segmentBytes() <= maxBytes;
    }

    private void tellGrowth() {
        storage.journal().grows(mayGrow() ? LogJournal.Growth.POSSIBLE : LogJournal.Growth.ENDED, atMaximum());
    }

    private String atMaximum() {
        return "it is full and may not grow beyond " + maxBytes + " bytes (device-max-size)";
    }

    private LogCore log() {
        return storage.journal().log();
    }

    /**
     * One step, in every turn.
     *
     * @return how much was done
     */
    int poll(long nowNanos) {
        if (log().isFailed()) {
            return 0;
        }
        int work = growthDone ? finishGrowth(nowNanos) : 0;
        if (!growing && isGrowthDue(nowNanos)) {
            startGrowth();
            work++;
        }
        return work + clean() + checkup.poll();
    }

    LogCheckup checkup() {
        return checkup;
    }

    /** Makes the next opening short, if that is worth it. Waits for the device. */
    void finish() {
        checkpoint.finish();
        tellOfDamage();
    }

    private int clean() {
        int work = space.poll() + checkpoint.poll();
        tellOfDamage();
        return work;
    }

    private void tellOfDamage() {
        cleaningDamage = told(cleaningDamage, space.damage(), "its log is not cleaned any more");
        indexDamage = told(indexDamage, checkpoint.damage(), "its index is not copied into the log any more");
        expiryDamage = told(expiryDamage, keyspace.damage(), "a key whose time has passed could not be removed");
    }

    private @Nullable LogCorruptException told(
            @Nullable LogCorruptException before, @Nullable LogCorruptException damage, String consequence) {
        if (before == null && damage != null) {
            LOG.log(
                    Level.ERROR,
                    storage.name() + " is damaged: " + damage.getMessage() + "; " + consequence
                            + ", and what is not damaged is served: copy it to a new server");
        }
        return damage;
    }

    // ---- growing
    // ------------------------------------------------------------------------------------------------------

    private boolean isGrowthDue(long nowNanos) {
        if (failedLast && nowNanos - retryAt < 0) {
            return false;
        }
        if (storage.journal().isGrowthWanted()) {
            return mayGrow();
        }
        long free = space.freeBytes();
        if (free >= MAX_RESERVE) {
            return false; // most turns end here
        }
        long reserve = Math.clamp(storage.areaBytes() / 4, MIN_RESERVE, MAX_RESERVE);
        // Where cleaning makes room, the device grows only if that is too slow.
        boolean isShort = free < reserve / 4 || free < reserve && !space.isCleaningDue();
        return isShort && mayGrow();
    }

    private void startGrowth() {
        Media media = storage.media();
        long segment = storage.segmentBytes();
        if (!failedLast) {
            step = Math.clamp(media.size() / 2, MIN_RESERVE, MAX_RESERVE);
        }
        long more = Math.max(segment, Math.min(step, maxBytes - media.size()) / segment * segment);
        long newSize = media.size() + more;
        growing = true;
        storage.journal().grows(LogJournal.Growth.UNDER_WAY, "");
        helper.execute(() -> {
            IOException failure = null;
            try {
                media.grow(newSize);
            } catch (IOException e) {
                failure = e;
            }
            growthFailure = failure;
            growthDone = true;
            wake.run();
        });
    }

    private int finishGrowth(long nowNanos) {
        growthDone = false;
        growing = false;
        IOException failure = growthFailure;
        if (failure == null) {
            try {
                storage.useGrowth();
            } catch (IOException e) {
                failure = e;
            }
        }
        failedLast = failure != null;
        if (failure != null) {
            growthFailed(failure, nowNanos);
        } else {
            tellGrowth();
        }
        return 1;
    }

    private void growthFailed(IOException failure, long nowNanos) {
        // The disk may have room for less.
        step = Math.max(storage.segmentBytes(), step / 4);
        retryAt = nowNanos + RETRY_NANOS;
        storage.journal().grows(LogJournal.Growth.ENDED, String.valueOf(failure.getMessage()));
        complaints.complain(failure.getMessage() + "; " + log().freeBytes() + " bytes of the log are free", nowNanos);
    }
}
