package io.sietch.crash;

import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.StorageController;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One life of a subject: the time from opening to the crash. Gives the subject its medium and its clock, and keeps for
 * it, out of reach of the crash, what it attempted and what was acknowledged.
 */
public final class Life<O> {
    private static final int UNACKNOWLEDGED = Integer.MAX_VALUE;

    /** An operation with the number of events that had begun when it was attempted, and when it was acknowledged. */
    private static final class Entry<O> {
        final O operation;
        final int attemptedAt;
        int acknowledgedAt = UNACKNOWLEDGED;
        long acknowledgedNanos;
        int withdrawnAt = UNACKNOWLEDGED;

        Entry(O operation, int attemptedAt) {
            this.operation = operation;
            this.attemptedAt = attemptedAt;
        }
    }

    private final int number;
    private final CrashMedia media;
    private final VirtualTime time;
    private final List<Entry<O>> entries = new ArrayList<>();
    private @Nullable StorageController controller;
    private int openedAt;

    Life(int number, CrashMedia media, VirtualTime time) {
        this.number = number;
        this.media = media;
        this.time = time;
    }

    /** 0 for the first life, on a blank medium; then one more after each crash. */
    public int number() {
        return number;
    }

    public CrashMedia media() {
        return media;
    }

    /** The clock and the waiter of this life. */
    public VirtualTime time() {
        return time;
    }

    /** A controller on the medium that runs in the caller's loop, on virtual time. */
    public StorageController controller() {
        if (controller == null) {
            controller =
                    new StorageController(media, ControllerOptions.inline(time).withWaiter(time));
        }
        return controller;
    }

    /** Notes that an operation begins, before anything is done for it. Returns its number, from 0. */
    public int attempt(O operation) {
        media.observe();
        entries.add(new Entry<>(operation, media.events()));
        return entries.size() - 1;
    }

    /** Notes that the success of an operation was reported. */
    public void acknowledge(int operation) {
        media.observe();
        Entry<O> entry = entries.get(operation);
        if (entry.acknowledgedAt == UNACKNOWLEDGED) {
            entry.acknowledgedAt = media.events();
            entry.acknowledgedNanos = time.nanoTime();
        }
    }

    /** Notes that an operation was refused, with an error that says it has no effect. */
    public void withdraw(int operation) {
        entries.get(operation).withdrawnAt = media.events();
    }

    /** Whether everything that was attempted was acknowledged or withdrawn. */
    boolean isAllAnswered() {
        return entries.stream()
                .allMatch(entry -> entry.acknowledgedAt != UNACKNOWLEDGED || entry.withdrawnAt != UNACKNOWLEDGED);
    }

    void opened() {
        openedAt = media.events();
    }

    /** How many events had begun when the subject was open. */
    int openedAt() {
        return openedAt;
    }

    /** All that was attempted and not withdrawn, in words. */
    List<Scene.Line> story() {
        return entries.stream()
                .filter(entry -> entry.withdrawnAt == UNACKNOWLEDGED)
                .map(entry -> new Scene.Line(String.valueOf(entry.operation), entry.attemptedAt, entry.acknowledgedAt))
                .toList();
    }

    /** What had been attempted when event number {@code moment} began. */
    List<Deed<O>> deeds(int moment) {
        return deeds(moment, Long.MIN_VALUE);
    }

    /**
     * What had been attempted when event number {@code moment} began, and acknowledged then or while that event, and
     * no other, was under way, up to a time.
     */
    List<Deed<O>> deeds(int moment, long until) {
        List<Deed<O>> deeds = new ArrayList<>();
        for (Entry<O> entry : entries) {
            if (entry.attemptedAt <= moment && entry.withdrawnAt > moment) {
                boolean meanwhile = entry.acknowledgedAt == moment + 1 && entry.acknowledgedNanos < until;
                deeds.add(new Deed<>(entry.operation, entry.acknowledgedAt <= moment || meanwhile));
            }
        }
        return deeds;
    }
}
