package io.sietch.bench.queue;

/** What is asked of a queue. */
enum QueueCase {
    OFFER("offer durable, 1 thread", Promise.DURABLE, 1, 0),
    OFFER_64("offer durable, 64 threads", Promise.DURABLE, 64, 0),
    PASS("offer durable, then take durable, 1 thread", Promise.DURABLE, 1, 1),
    HAND("offer durable, then take, may come again after a loss of power, 1 thread", Promise.TAKEN_LATER, 1, 1),
    STREAM("1 producer to 1 consumer, not waiting, batches of up to 256", Promise.NOBODY_WAITS, 1, 256);

    static final int BATCH = 256;

    /** What holds when a method returns. */
    enum Promise {
        /** The item, or its removal, survives a loss of power. */
        DURABLE,
        /** The item does; its removal does some time later. */
        TAKEN_LATER,
        /** It is accepted. */
        NOBODY_WAITS
    }

    private final String title;
    private final Promise promise;
    private final int threads;
    private final int takes;

    QueueCase(String title, Promise promise, int threads, int takes) {
        this.title = title;
        this.promise = promise;
        this.threads = threads;
        this.takes = takes;
    }

    String title() {
        return title;
    }

    Promise promise() {
        return promise;
    }

    int threads() {
        return threads;
    }

    /** How many items are taken with each offer by the same thread, or (more than one) at once by another. */
    int takes() {
        return takes;
    }
}
