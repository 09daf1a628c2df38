package io.sietch.bench.queue;

/** What is asked of a queue. */
enum QueueCase {
    OFFER("offer durable, 1 thread", true, 1, 0),
    OFFER_64("offer durable, 64 threads", true, 64, 0),
    PASS("offer durable, then take durable, 1 thread", true, 1, 1),
    STREAM("1 producer to 1 consumer, not waiting, batches of up to 256", false, 1, 256);

    static final int BATCH = 256;

    private final String title;
    private final boolean durable;
    private final int threads;
    private final int takes;

    QueueCase(String title, boolean durable, int threads, int takes) {
        this.title = title;
        this.durable = durable;
        this.threads = threads;
        this.takes = takes;
    }

    String title() {
        return title;
    }

    boolean isDurable() {
        return durable;
    }

    int threads() {
        return threads;
    }

    /** How many items are taken with each offer by the same thread, or (more than one) at once by another. */
    int takes() {
        return takes;
    }
}
