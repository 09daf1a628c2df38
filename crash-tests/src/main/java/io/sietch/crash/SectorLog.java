package io.sietch.crash;

import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All versions of one sector that were written in one life of a medium, oldest first. The version before the first is
 * what the medium held when the life began.
 */
final class SectorLog {
    static final int NEVER = Integer.MAX_VALUE;

    /** One version: the whole sector as it was after one write command. */
    static final class Version {
        final int command;
        final byte[] bytes;
        /** The range of the sector that the command wrote. */
        final int from;

        final int to;
        final boolean deallocated;
        /** When the command is complete on the device's clock: a flush that begins earlier does not cover it. */
        final long completeAt;
        /** The event number of the flush that made it durable. */
        int durableAt = NEVER;
        /** The event number at which the device threw it away. */
        int droppedAt = NEVER;
        /** Whether no later flush will cover it. */
        boolean orphan;

        Version(int command, byte[] bytes, int from, int to, boolean deallocated, long completeAt) {
            this.command = command;
            this.bytes = bytes;
            this.from = from;
            this.to = to;
            this.deallocated = deallocated;
            this.completeAt = completeAt;
        }
    }

    private Version[] versions = new Version[2];
    private int count;

    int count() {
        return count;
    }

    Version get(int index) {
        return versions[index];
    }

    void add(Version version) {
        if (count == versions.length) {
            versions = Arrays.copyOf(versions, 2 * count);
        }
        versions[count++] = version;
    }

    /** The newest version durable before the event, or -1: then it is what the medium held at first. */
    int durableBefore(int event) {
        int durable = -1;
        for (int i = 0; i < count && versions[i].command < event; i++) {
            if (versions[i].durableAt < event) {
                durable = i;
            }
        }
        return durable;
    }

    /** Whether the sector was written to before the event. */
    boolean beganBefore(int event) {
        return count > 0 && versions[0].command < event;
    }

    /** Whether a version newer than the durable one may survive a crash before the event. */
    boolean hasPending(int durable, int event) {
        for (int i = durable + 1; i < count && versions[i].command < event; i++) {
            if (versions[i].droppedAt >= event) {
                return true;
            }
        }
        return false;
    }

    /** Marks what a good flush covers. Says whether any version stays that a later flush may cover. */
    boolean flushed(int event, long now) {
        boolean pending = false;
        for (int i = count - 1; i >= 0 && versions[i].durableAt == NEVER; i--) {
            Version version = versions[i];
            if (version.orphan || version.droppedAt != NEVER) {
                continue;
            }
            if (version.completeAt <= now) {
                version.durableAt = event;
            } else {
                pending = true;
            }
        }
        return pending;
    }

    /** Marks what a failed flush leaves to its fate. */
    void orphan() {
        for (int i = count - 1; i >= 0 && versions[i].durableAt == NEVER; i--) {
            versions[i].orphan = true;
        }
    }

    /** Marks what the device throws away. */
    void drop(int event) {
        for (int i = count - 1; i >= 0 && versions[i].durableAt == NEVER; i--) {
            if (versions[i].droppedAt == NEVER) {
                versions[i].droppedAt = event;
            }
        }
    }

    /**
     * Has a reset device lose what was not complete, each version as the seed says.
     *
     * @return whether any was lost
     */
    boolean reset(int event, long now, long seed) {
        boolean lost = false;
        for (int i = count - 1; i >= 0 && versions[i].durableAt == NEVER; i--) {
            Version version = versions[i];
            boolean unlucky = (RandomChoices.mix(seed + version.command) & 1) == 0;
            if (version.completeAt > now && version.droppedAt == NEVER && unlucky) {
                version.droppedAt = event;
                lost = true;
            }
        }
        return lost;
    }

    /** The newest version that was not thrown away, or null. */
    byte @Nullable [] newest() {
        for (int i = count - 1; i >= 0; i--) {
            if (versions[i].droppedAt == NEVER) {
                return versions[i].bytes;
            }
        }
        return null;
    }

    /**
     * What the next process finds when this one is killed after so many events: the durable version first, then those
     * that may still be lost.
     *
     * @param initial what the sector held before its first version
     */
    SectorLog afterKill(int afterEvents, byte[] initial) {
        int durable = durableBefore(afterEvents);
        SectorLog left = new SectorLog();
        byte[] bytes = durable < 0 ? initial : versions[durable].bytes;
        Version first = new Version(Integer.MIN_VALUE, bytes, 0, bytes.length, false, Long.MIN_VALUE);
        first.durableAt = Integer.MIN_VALUE;
        left.add(first);
        for (int i = durable + 1; i < count && versions[i].command < afterEvents; i++) {
            Version old = versions[i];
            if (old.droppedAt >= afterEvents) {
                Version pending = new Version(
                        old.command - afterEvents, old.bytes, old.from, old.to, old.deallocated, Long.MIN_VALUE);
                pending.orphan = old.orphan;
                left.add(pending);
            }
        }
        return left;
    }

    Stream<Integer> leftByKilled() {
        return Arrays.stream(versions, 0, count)
                .map(version -> version.command)
                .filter(command -> command < 0 && command != Integer.MIN_VALUE);
    }

    /** Whether a later flush may cover any of the versions. */
    boolean isDirty() {
        for (int i = 0; i < count; i++) {
            if (versions[i].durableAt == NEVER && !versions[i].orphan) {
                return true;
            }
        }
        return false;
    }

    /** Forgets versions that no crash from now on can bring back. */
    void prune() {
        int durable = durableBefore(NEVER);
        if (durable > 0 && !versions[durable].deallocated) {
            System.arraycopy(versions, durable, versions, 0, count - durable);
            Arrays.fill(versions, count - durable, count, null);
            count -= durable;
        }
    }
}
