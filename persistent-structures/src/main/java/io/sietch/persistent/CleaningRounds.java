package io.sietch.persistent;

/**
 * Lets cleaning for want of room end. A <em>round</em> cleans what the log holds when it begins. When a whole round
 * gave nearly nothing back, because what is alive fills segments poorly, cleaning rests until so much more is dead that
 * another is worth it; otherwise it would go round for ever, and who waits for room with it.
 *
 * <p>Threads: that of the log.
 */
final class CleaningRounds {
    private final LogCore log;
    private final int segmentRoom;
    private boolean urgent;
    private boolean resting;
    private long endsAt;
    private long beganAt;
    private long copied;
    private long copiedBefore;
    private long worthwhileDead;

    CleaningRounds(LogCore log) {
        this.log = log;
        this.segmentRoom = log.geometry().segmentBytes() - log.geometry().blockBytes();
    }

    /** Cleaning has appended so many bytes, with everything in between. */
    void copied(long bytes) {
        copied += bytes;
    }

    /** There is room: what was learned does not count any more. */
    void end() {
        urgent = false;
        resting = false;
    }

    /**
     * Whether cleaning gives a segment back. To be asked again and again while there is want of room.
     *
     * @param used bytes of the log
     * @param live bytes that cleaning would append
     */
    boolean canGain(long used, long live) {
        if (resting) {
            resting = used - live < worthwhileDead;
        } else if (!urgent) {
            urgent = true;
            begin();
        } else if (log.head() >= endsAt) {
            long freed = log.head() - beganAt;
            long gain = freed - (copied - copiedBefore);
            long worthwhile = Math.max(segmentRoom / 4, freed / 64);
            resting = gain < worthwhile;
            // A round that left less room than it found is not to be repeated before there is twice that to win.
            worthwhileDead = used - live + worthwhile + 2 * Math.max(0, -gain);
            begin();
        }
        return !resting && used > live + segmentRoom;
    }

    private void begin() {
        beganAt = log.head();
        copiedBefore = copied;
        endsAt = log.appended();
    }
}
