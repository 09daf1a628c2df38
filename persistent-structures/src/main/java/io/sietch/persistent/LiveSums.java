package io.sietch.persistent;

import java.util.Arrays;

/**
 * How much the newest items of a table's keys are together, for each segment of its log: what is known of a segment
 * goes with it. A segment's sums are zero when it is freed.
 *
 * <p>Threads: that of the table.
 */
final class LiveSums {
    private final LogCore log;
    private final LogGeometry geometry;
    private long[] data = new long[0];
    private long[] items = new long[0];

    LiveSums(LogCore log) {
        this.log = log;
        this.geometry = log.geometry();
    }

    void add(TableItem item) {
        add(geometry.segmentOf(item.position()), item.keyLength() + (long) item.valueLength(), item.itemBytes());
    }

    void remove(TableItem item) {
        add(geometry.segmentOf(item.position()), -(item.keyLength() + (long) item.valueLength()), -item.itemBytes());
    }

    /** So many bytes more, or less, of keys and values, and of items, are in a segment. */
    void add(long segment, long moreData, long moreItems) {
        if (data.length < log.segments()) {
            grow();
        }
        int at = (int) (segment & data.length - 1);
        data[at] += moreData;
        items[at] += moreItems;
    }

    private void grow() {
        int length = Integer.highestOneBit(2 * log.segments() - 1);
        long[] moreData = new long[length];
        long[] moreItems = new long[length];
        long first = geometry.segmentOf(log.head());
        for (long segment = first; segment < first + data.length; segment++) {
            moreData[(int) (segment & length - 1)] = data(segment);
            moreItems[(int) (segment & length - 1)] = items(segment);
        }
        data = moreData;
        items = moreItems;
    }

    void clear() {
        Arrays.fill(data, 0);
        Arrays.fill(items, 0);
    }

    /** Bytes of keys and values. */
    long data(long segment) {
        return data.length == 0 ? 0 : data[(int) (segment & data.length - 1)];
    }

    /** Bytes of items. */
    long items(long segment) {
        return items.length == 0 ? 0 : items[(int) (segment & items.length - 1)];
    }
}
