package io.sietch.crash.queue;

import io.sietch.crash.Deed;
import io.sietch.crash.queue.QueueOp.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a queue holds, in the order in which it will be handed out.
 *
 * @param items all of them
 */
record QueueState(List<Item> items) {
    static final QueueState EMPTY = new QueueState(List.of());

    /** An item. */
    record Item(long id, boolean redelivered, Value value) {}

    /**
     * The oracle: Q1 a window of what was offered, in order, byte-equal, no hole; Q2 what was offered durably is there
     * unless it was acknowledged, and what was acknowledged durably is not; Q3 what was handed out and not acknowledged
     * is there, and marked; Q4 nothing else is there.
     */
    static void check(QueueState before, List<Deed<QueueOp>> deeds, QueueState after) {
        List<Value> offered = new ArrayList<>();
        Set<Value> mustBeMarked = new HashSet<>();
        for (Item item : before.items) {
            offered.add(item.value);
            if (item.redelivered) {
                mustBeMarked.add(item.value);
            }
        }
        int certain = offered.size();
        Set<Value> mayBeGone = new HashSet<>();
        Set<Value> gone = new HashSet<>();
        for (Deed<QueueOp> deed : deeds) {
            switch (deed.operation()) {
                case QueueOp.Offer(Value value) -> {
                    offered.add(value);
                    certain = deed.acknowledged() ? offered.size() : certain;
                }
                case QueueOp.Lease(Value value) -> {
                    mustBeMarked.add(value);
                    // What was seen stays.
                    certain = Math.max(certain, offered.indexOf(value) + 1);
                }
                case QueueOp.Ack(Value value) -> {
                    mayBeGone.add(value);
                    if (deed.acknowledged()) {
                        gone.add(value);
                    }
                }
            }
        }
        checkOrder(before, after);
        int at = 0;
        for (Item item : after.items) {
            while (at < offered.size() && !offered.get(at).equals(item.value)) {
                require(mayBeGone.contains(offered.get(at)), "Q1: a hole, " + offered.get(at) + " before " + item);
                at++;
            }
            require(at < offered.size(), "Q4: " + item + " was never offered, or is not at its place");
            at++;
            require(!gone.contains(item.value), "Q2: " + item + " was acknowledged");
            require(item.redelivered || !mustBeMarked.contains(item.value), "Q3: " + item + " is not marked");
        }
        for (; at < certain; at++) {
            require(mayBeGone.contains(offered.get(at)), "Q2: " + offered.get(at) + " is missing");
        }
    }

    private static void checkOrder(QueueState before, QueueState after) {
        long last = 0;
        for (Item item : after.items) {
            require(item.id > last, "Q1: " + item + " comes after id " + last);
            last = item.id;
            for (Item known : before.items) {
                require(known.id == item.id == known.value.equals(item.value), "Q1: " + known + " has become " + item);
            }
        }
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }
}
