package io.sietch.vsic;

import java.util.Arrays;

/**
 * Completions that an emulated device holds back until their time has come: a binary heap on (due time, order of
 * arrival), so that equal times keep the order of submission and a run replays exactly.
 */
final class DueCompletions {
    private VsicDevice[] devices = new VsicDevice[0];
    private Status[] statuses = new Status[0];
    private long[] tags = new long[0];
    private long[] due = new long[0];
    private long[] order = new long[0];
    private int size;
    private long arrivals;

    void ensureCapacity(int capacity) {
        devices = Arrays.copyOf(devices, capacity);
        statuses = Arrays.copyOf(statuses, capacity);
        tags = Arrays.copyOf(tags, capacity);
        due = Arrays.copyOf(due, capacity);
        order = Arrays.copyOf(order, capacity);
    }

    void add(VsicDevice device, long tag, Status status, long dueNanos) {
        int i = size++;
        devices[i] = device;
        tags[i] = tag;
        statuses[i] = status;
        due[i] = dueNanos;
        order[i] = arrivals++;
        while (i > 0 && before(i, (i - 1) / 2)) {
            swap(i, (i - 1) / 2);
            i = (i - 1) / 2;
        }
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** How long until the first one is due; 0 if it is, {@link Long#MAX_VALUE} if there is none. */
    long waitNanos(long now) {
        return size == 0 ? Long.MAX_VALUE : Math.max(0, due[0] - now);
    }

    /** Posts all that are due. */
    int complete(long now) {
        int done = 0;
        while (size > 0 && due[0] - now <= 0) {
            devices[0].complete(tags[0], statuses[0]);
            removeFirst();
            done++;
        }
        return done;
    }

    /** Posts all, due or not: the device is going away. */
    void completeAll() {
        while (size > 0) {
            devices[0].complete(tags[0], statuses[0]);
            removeFirst();
        }
    }

    private void removeFirst() {
        swap(0, --size);
        int i = 0;
        while (true) {
            int child = 2 * i + 1;
            if (child >= size) {
                return;
            }
            if (child + 1 < size && before(child + 1, child)) {
                child++;
            }
            if (!before(child, i)) {
                return;
            }
            swap(i, child);
            i = child;
        }
    }

    private boolean before(int a, int b) {
        long difference = due[a] - due[b];
        return difference < 0 || (difference == 0 && order[a] < order[b]);
    }

    private void swap(int a, int b) {
        VsicDevice device = devices[a];
        devices[a] = devices[b];
        devices[b] = device;
        Status status = statuses[a];
        statuses[a] = statuses[b];
        statuses[b] = status;
        long tag = tags[a];
        tags[a] = tags[b];
        tags[b] = tag;
        long time = due[a];
        due[a] = due[b];
        due[b] = time;
        long arrival = order[a];
        order[a] = order[b];
        order[b] = arrival;
    }
}
