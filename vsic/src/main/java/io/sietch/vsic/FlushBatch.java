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

    /**
     * Completes all of them; where the flush failed, their areas are poisoned. An area that was poisoned meanwhile gets
     * nothing acknowledged, not even by a flush that went well.
     */
    void complete(boolean flushed) {
        for (int i = 0; i < size; i++) {
            Status status = Status.SUCCESS;
            if (!flushed) {
                areas[i].poison();
                devices[i].mediaError();
                status = Status.WRITE_FAULT;
            } else if (areas[i].isPoisoned()) {
                status = Status.NAMESPACE_NOT_READY;
            }
            devices[i].complete(tags[i], status);
        }
        size = 0;
    }

    /** Completes all of them with one status, without a flush. */
    void refuse(Status status) {
        for (int i = 0; i < size; i++) {
            devices[i].complete(tags[i], status);
        }
        size = 0;
    }

    /**
     * Completes those whose area was poisoned since they were taken: for them there is no second flush.
     *
     * @return how many
     */
    int refusePoisoned() {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (areas[i].isPoisoned()) {
                devices[i].complete(tags[i], Status.NAMESPACE_NOT_READY);
            } else {
                devices[kept] = devices[i];
                areas[kept] = areas[i];
                tags[kept++] = tags[i];
            }
        }
        int refused = size - kept;
        size = kept;
        return refused;
    }
}
