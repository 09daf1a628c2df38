package io.sietch.persistent;

/**
 * How a queue is set up.
 *
 * @param maxLeases items that may be leased, or returned and not leased again, at the same time: 1 to a million
 * @param leaseAhead before an item is leased for the first time, it is made durable that items up to here may have
 *     been; with 1, each lease waits for the medium once more, and with more, as many items that a crash leaves may be
 *     said to be redelivered though they are not
 */
public record QueueOptions(int maxLeases, int leaseAhead) {
    /** 4096 leases; 1024 ahead. */
    public static final QueueOptions DEFAULTS = new QueueOptions(4096, 1024);

    private static final int MAX = 1_000_000;

    public QueueOptions {
        if (maxLeases < 1 || maxLeases > MAX || leaseAhead < 1 || leaseAhead > MAX) {
            throw new IllegalArgumentException(
                    maxLeases + " leases, " + leaseAhead + " ahead: both must be 1 to " + MAX);
        }
    }
}
