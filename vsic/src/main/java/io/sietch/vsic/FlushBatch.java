package io.sietch.vsic;

import java.util.Arrays;

/** Those who wait for one flush of the medium. */
final class FlushBatch {
    private VsicDevice[] devices = new VsicDevice[0];
    private Vsa[] areas = new Vsa[0];
    private long[] tags = new long[0];
    private int size;

    /** Makes room for as many commands as can be under way at once. */
    void ensureCapacity(int capacity) {
        devices = Arrays.copyOf(devices, capacity);
        areas = Arrays.copyOf(areas, capacity);
        tags = Arrays.copyOf(tags, capacity);
    }

    void add(VsicDevice device, Vsa area, long tag) {
        devices[size] = device;
        areas[size] = area;
        tags[size++] = tag;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /** Completes all of them; where the flush failed, their areas are poisoned. */
    void complete(boolean flushed) {
        for (int i = 0; i < size; i++) {
            if (!flushed) {
                areas[i].poison();
                devices[i].mediaError();
            }
            devices[i].complete(tags[i], flushed ? Status.SUCCESS : Status.WRITE_FAULT);
        }
        size = 0;
    }
}
