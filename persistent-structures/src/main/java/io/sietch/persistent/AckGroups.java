package io.sietch.persistent;

/**
 * Acknowledgements on their way to the medium, oldest first: each group is durable with a record of the log, or with a
 * trim beyond all its items.
 */
final class AckGroups {
    /** While so many are under way, acknowledgements gather: the medium is busy, and one record tells of many. */
    static final int MAX = 64;

    private final long[] acknowledged = new long[MAX];
    private final long[] position = new long[MAX];
    private final boolean[] byTrim = new boolean[MAX];
    private int start;
    private int count;

    boolean isEmpty() {
        return count == 0;
    }

    boolean isFull() {
        return count == MAX;
    }

    /** The first so many acknowledgements are durable when a record with this END is. */
    void addRecord(long firstMany, long end) {
        add(firstMany, end, false);
    }

    /** The first so many acknowledgements are durable when the log is trimmed up to here. */
    void addTrim(long firstMany, long trimmed) {
        add(firstMany, trimmed, true);
    }

    private void add(long firstMany, long at, boolean trim) {
        int place = (start + count++) % MAX;
        acknowledged[place] = firstMany;
        position[place] = at;
        byTrim[place] = trim;
    }

    /** Removes what is durable. Returns how many acknowledgements are, or {@code before} if none was removed. */
    long settle(long durable, long trimmed, long before) {
        long settled = before;
        while (count > 0 && position[start] <= (byTrim[start] ? trimmed : durable)) {
            settled = acknowledged[start];
            start = (start + 1) % MAX;
            count--;
        }
        return settled;
    }
}
