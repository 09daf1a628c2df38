package io.sietch.vnic;

/**
 * What goes wrong with the frames on their way to one VNIC. Which frames it hits is a matter of a seed alone, so a run
 * can be repeated.
 *
 * @param loss share of the frames that vanish, 0 to 1
 * @param duplication share that arrives twice
 * @param corruption share of which one bit changes; the sums of RFC 1071 find that for sure, and what they cannot find,
 *     two changes that make up for each other, Ethernet's own check would
 * @param reordering share that is held back by {@code reorderNanos}, and so may be overtaken
 * @param reorderNanos by how much
 * @param delayNanos how long every frame is under way
 * @param jitterNanos how much longer at most, each frame for itself
 * @param bytesPerSecond of the wire, 0 for no limit
 * @param queueFrames that may be under way at once; what comes then is lost
 */
public record Impairment(
        double loss,
        double duplication,
        double corruption,
        double reordering,
        long reorderNanos,
        long delayNanos,
        long jitterNanos,
        long bytesPerSecond,
        int queueFrames) {
    /** A wire that does nothing wrong, but can be told to. */
    public static final Impairment NONE = new Impairment(0, 0, 0, 0, 0, 0, 0, 0, 1024);

    public Impairment {
        if (!isShare(loss) || !isShare(duplication) || !isShare(corruption) || !isShare(reordering)) {
            throw new IllegalArgumentException("shares of " + loss + ", " + duplication + ", " + corruption + ", "
                    + reordering + ": must be 0 to 1");
        }
        if (reorderNanos < 0
                || delayNanos < 0
                || jitterNanos < 0
                || bytesPerSecond < 0
                || queueFrames < 1
                || queueFrames > 1 << 16) {
            throw new IllegalArgumentException("times of " + reorderNanos + ", " + delayNanos + ", " + jitterNanos
                    + " ns, " + bytesPerSecond + " bytes/s, " + queueFrames + " frames: must not be negative, and 1 to "
                    + (1 << 16) + " frames");
        }
    }

    private static boolean isShare(double value) {
        return value >= 0 && value <= 1;
    }

    public Impairment withLoss(double share) {
        return new Impairment(
                share,
                duplication,
                corruption,
                reordering,
                reorderNanos,
                delayNanos,
                jitterNanos,
                bytesPerSecond,
                queueFrames);
    }

    public Impairment withDuplication(double share) {
        return new Impairment(
                loss,
                share,
                corruption,
                reordering,
                reorderNanos,
                delayNanos,
                jitterNanos,
                bytesPerSecond,
                queueFrames);
    }

    public Impairment withCorruption(double share) {
        return new Impairment(
                loss,
                duplication,
                share,
                reordering,
                reorderNanos,
                delayNanos,
                jitterNanos,
                bytesPerSecond,
                queueFrames);
    }

    public Impairment withReordering(double share, long nanos) {
        return new Impairment(
                loss, duplication, corruption, share, nanos, delayNanos, jitterNanos, bytesPerSecond, queueFrames);
    }

    public Impairment withDelay(long nanos, long jitter) {
        return new Impairment(
                loss, duplication, corruption, reordering, reorderNanos, nanos, jitter, bytesPerSecond, queueFrames);
    }

    public Impairment withRate(long newBytesPerSecond, int frames) {
        return new Impairment(
                loss,
                duplication,
                corruption,
                reordering,
                reorderNanos,
                delayNanos,
                jitterNanos,
                newBytesPerSecond,
                frames);
    }
}
