package io.sietch.redis;

import java.util.Arrays;

/**
 * The order in which the replies of one connection may leave. Replies are bytes in the flow, one behind the other; some
 * wait for a log position, and those behind them wait with them.
 *
 * <p>Words. A <em>mark</em> stands for some consecutive replies that wait for the same log position: where in the flow
 * they end, that position, and how many they are. The gate is <em>open</em> up to a flow position; bytes before it may
 * leave.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A reply leaves when every log position is durable that it or a reply before it waits for, and not earlier.
 *   <li>Marks lie behind the opening, in the order of the flow, and the log positions they wait for grow.
 * </ol>
 */
final class ReplyGate {
    private static final int FIELDS = 3;
    private static final int END = 0;
    private static final int POSITION = 1;
    private static final int REPLIES = 2;

    private static final long[] NONE = new long[0];

    private long open;
    private long[] marks = NONE;
    private int first;
    private int size;

    /**
     * Adds a reply.
     *
     * @param end where in the flow it ends
     * @param position the log position that it waits for, 0 if for none
     * @param durable up to where the log is durable
     * @param committed up to where the log was asked to become durable: positions beyond it become durable together, so
     *     replies that wait for them may share a mark
     * @return whether the reply must wait
     */
    boolean add(long end, long position, long durable, long committed) {
        if (size == 0) {
            if (position <= durable) {
                open = end;
                return false;
            }
            push(end, position);
            return true;
        }
        int last = (first + size - 1) * FIELDS;
        if (position > marks[last + POSITION]) {
            if (marks[last + POSITION] <= committed) {
                push(end, position);
                return true;
            }
            marks[last + POSITION] = position;
        }
        marks[last + END] = end;
        marks[last + REPLIES]++;
        return true;
    }

    private void push(long end, long position) {
        if ((first + size) * FIELDS == marks.length) {
            if (first > size) {
                System.arraycopy(marks, first * FIELDS, marks, 0, size * FIELDS);
                first = 0;
            } else {
                marks = Arrays.copyOf(marks, Math.max(4 * FIELDS, marks.length * 2));
            }
        }
        int at = (first + size) * FIELDS;
        marks[at + END] = end;
        marks[at + POSITION] = position;
        marks[at + REPLIES] = 1;
        size++;
    }

    /**
     * Opens the gate as far as the log allows.
     *
     * @return whether replies still wait
     */
    boolean release(long durable) {
        while (size > 0 && marks[first * FIELDS + POSITION] <= durable) {
            open = marks[first * FIELDS + END];
            first++;
            size--;
        }
        if (size == 0) {
            first = 0;
            if (marks.length > 16 * FIELDS) {
                marks = NONE;
            }
            return false;
        }
        return true;
    }

    /** Up to where in the flow the replies may leave. */
    long open() {
        return open;
    }

    /** How many marks wait. */
    int marks() {
        return size;
    }

    /** How many replies wait. */
    long replies() {
        long replies = 0;
        for (int i = first; i < first + size; i++) {
            replies += marks[i * FIELDS + REPLIES];
        }
        return replies;
    }

    /** Forgets all replies that wait: what they waited for will never come. The flow is rewound to {@link #open}. */
    void clear() {
        size = 0;
        first = 0;
        marks = NONE;
    }

    /** Opens the gate for replies without a mark of their own. Nothing may be waiting. */
    void openTo(long end) {
        if (size > 0) {
            throw new IllegalStateException(size + " marks wait");
        }
        open = end;
    }
}
