package io.sietch.vsic;

/**
 * How a {@link StorageController} is set up.
 *
 * @param clock where latencies and rate limits take their time from
 * @param flushing where flushes of the medium run
 * @param waiter that of the loop which polls the controller: woken when a command was submitted from another thread, or
 *     when the flusher thread is done
 */
public record ControllerOptions(NanoClock clock, Flushing flushing, Waiter waiter) {
    /** Where a flush of the medium runs. */
    public enum Flushing {
        /** On a thread of its own if {@link MediaCharacteristics#flushBlocks()} says so, else inline. */
        AUTO,
        /** In {@link StorageController#poll()}. Deterministic; what tests want. */
        INLINE,
        /** On a thread of its own, so that the poll loop goes on meanwhile. */
        THREAD
    }

    /** The system's clock, {@link Flushing#AUTO}, no one to wake. */
    public static final ControllerOptions DEFAULTS =
            new ControllerOptions(System::nanoTime, Flushing.AUTO, Waiter.BUSY);

    /** As {@link #DEFAULTS} with inline flushes, on a clock of the caller's. */
    public static ControllerOptions inline(NanoClock clock) {
        return new ControllerOptions(clock, Flushing.INLINE, Waiter.BUSY);
    }

    public ControllerOptions withWaiter(Waiter newWaiter) {
        return new ControllerOptions(clock, flushing, newWaiter);
    }

    public ControllerOptions withFlushing(Flushing newFlushing) {
        return new ControllerOptions(clock, newFlushing, waiter);
    }
}
