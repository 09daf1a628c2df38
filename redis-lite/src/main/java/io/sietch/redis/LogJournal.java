package io.sietch.redis;

import io.sietch.persistent.LogCore;
import io.sietch.vsic.StorageController;
import java.lang.foreign.MemorySegment;

/**
 * The journal in a persistent log. What the log refuses for lack of room is reported as busy while room is being made,
 * so that clients wait instead of being turned away.
 */
final class LogJournal implements Journal, Committer {
    /** The log and the device hand work to each other; so many rounds bring a commit from one end to the other. */
    private static final int ROUNDS = 4;

    private final LogCore log;
    private final StorageController device;
    private boolean roomIsComing;
    private String noRoomReason = "it is full";

    LogJournal(LogCore log, StorageController device) {
        this.log = log;
        this.device = device;
    }

    /** Whether room is being made; if not, why there is none. */
    void roomIsComing(boolean coming, String reasonIfNot) {
        roomIsComing = coming;
        noRoomReason = reasonIfNot;
    }

    LogCore log() {
        return log;
    }

    @Override
    public long claim(int length) {
        long end = log.claim(length);
        return end == LogCore.NO_SPACE && roomIsComing ? BUSY : end;
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
        return log.publish();
    }

    @Override
    public void abandon() {
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
            if (round == 0) {
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
