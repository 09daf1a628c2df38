package io.sietch.redis;

import io.sietch.persistent.LiveSums;
import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogPlace;
import io.sietch.persistent.LogSpace;
import io.sietch.vsic.StorageController;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The journal in a persistent log. What the log refuses for lack of room is reported as busy while room is being made,
 * so that clients wait instead of being turned away.
 */
final class LogJournal implements Journal, Committer {
    /** Of the device. */
    enum Growth {
        /** It can grow when that is wanted. */
        POSSIBLE,
        UNDER_WAY,
        /** It has reached its maximum, or the disk gave no more when it was asked last. */
        ENDED
    }

    /** The log and the device hand work to each other; so many rounds bring a commit from one end to the other. */
    private static final int ROUNDS = 4;

    private final LogCore log;
    private final StorageController device;
    private @Nullable LogSpace space;
    private Growth growth = Growth.ENDED;
    private boolean growthWanted;
    private int claimedAgain;
    private boolean claimedNoNews;
    private long appendedNews;
    private long recordedAgain;
    private String noRoomReason = "it is full";

    LogJournal(LogCore log, StorageController device) {
        this.log = log;
        this.device = device;
    }

    /** From now on, room is kept for cleaning and for what removes. */
    void keepRoom(LogSpace newSpace) {
        space = newSpace;
    }

    /** Whether the device grows; if not, why there is no room. */
    void grows(Growth newGrowth, String reasonIfNot) {
        growth = newGrowth;
        noRoomReason = reasonIfNot;
        growthWanted = false;
    }

    /** Whether somebody waits for the device to grow, since {@link #grows} was told. */
    boolean isGrowthWanted() {
        return growthWanted;
    }

    LogCore log() {
        return log;
    }

    @Override
    public long claim(int length) {
        return claim(length, LogCore.recordBytes(length), 0);
    }

    @Override
    public long claim(int length, long more, long owing) {
        forget();
        LogSpace kept = space;
        if (kept == null || log.isFailed()) {
            return log.claim(length);
        }
        boolean fits = kept.fits(more) || kept.isSmall() && growth != Growth.ENDED;
        long end = fits && kept.hasRoomToAdd(length, owing) ? log.claim(length) : NO_SPACE;
        return end == NO_SPACE ? noRoom(fits && kept.isRoomComing()) : end;
    }

    @Override
    public long claimToRemove(int length) {
        forget();
        LogSpace kept = space;
        if (kept == null || log.isFailed()) {
            return log.claim(length);
        }
        long end = kept.hasRoomToRemove(length) ? log.claim(length) : NO_SPACE;
        return end == NO_SPACE ? noRoom(kept.isRoomComing()) : end;
    }

    @Override
    public long claimAgain(int length) {
        claimedAgain = length;
        claimedNoNews = true;
        return log.claim(length);
    }

    /** How many bytes were recorded again, by cleaning. */
    long recordedAgain() {
        return recordedAgain;
    }

    /** Who needs room waits if cleaning or growing will make it. */
    private long noRoom(boolean willBeCleaned) {
        growthWanted |= growth == Growth.POSSIBLE;
        return willBeCleaned || growth != Growth.ENDED ? BUSY : NO_SPACE;
    }

    @Override
    public long claimBeside(int length) {
        LogSpace kept = space;
        boolean room = kept == null || log.isFailed() || kept.hasRoomBeside(length);
        claimedAgain = 0;
        claimedNoNews = true;
        return room ? log.claim(length) : NO_SPACE;
    }

    @Override
    public LiveSums sums() {
        return new LiveSums(log);
    }

    @Override
    public void locate(long position, LogPlace place) {
        place.moveTo(log, position);
    }

    @Override
    public long head() {
        return log.head();
    }

    @Override
    public MemorySegment segment() {
        return log.claimedSegment();
    }

    @Override
    public long offset() {
        return log.claimedOffset();
    }

    @Override
    public long publish() {
        long end = log.publish();
        recordedAgain += claimedAgain;
        appendedNews = claimedNoNews ? appendedNews : end;
        forget();
        return end;
    }

    private void forget() {
        claimedAgain = 0;
        claimedNoNews = false;
    }

    @Override
    public void abandon() {
        forget();
        log.abandon();
    }

    @Override
    public long durable() {
        return log.durable();
    }

    @Override
    public long appended() {
        return log.appended();
    }

    @Override
    public long appendedNews() {
        return appendedNews;
    }

    @Override
    public int maxRecordBytes() {
        return log.maxRecordBytes();
    }

    @Override
    public boolean isFailed() {
        return log.isFailed();
    }

    @Override
    public String refusal(long code) {
        return code == NO_SPACE
                ? "MISCONF Errors writing to the log: " + noRoomReason
                        + ". Writes are refused until there is room; reads go on."
                : "MISCONF Errors writing to the log: the medium failed a write or flush. Writes are refused until the"
                        + " server is restarted; reads of what is durable go on.";
    }

    @Override
    public void submit() {
        log.submit();
    }

    @Override
    public void commit(boolean here) {
        device.flushHere(here);
        log.commit();
    }

    @Override
    public int poll() {
        int work = 0;
        for (int i = 0; i < ROUNDS; i++) {
            int round = log.poll() + device.poll();
            work += round;
            if (round == 0 || log.durable() == log.appended()) {
                break;
            }
        }
        return work;
    }

    @Override
    public long idleNanos() {
        return device.idleNanos();
    }
}
