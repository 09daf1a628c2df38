package io.sietch.net;

import org.jspecify.annotations.Nullable;

/**
 * One hashed wheel for all timers. A timer that is put off is not moved: when its old slot comes it is found to be
 * early and goes to where it belongs. So what TCP does for every segment, to start its timer anew, costs a store.
 */
final class TimerWheel {
    /** About a millisecond: finer than any of the timers needs. */
    private static final int TICK_SHIFT = 20;

    private static final int SLOTS = 4096;
    private static final int MASK = SLOTS - 1;

    /** Stands for no deadline. */
    static final long NEVER = Long.MAX_VALUE;

    /** Something with one deadline. */
    abstract static class Timer {
        private long deadline = NEVER;
        private int slot = -1;
        private @Nullable Timer previous;
        private @Nullable Timer next;

        /** The deadline has passed; it is {@link #NEVER} until set again. */
        abstract void expired(long now);
    }

    private final @Nullable Timer[] slots = new @Nullable Timer[SLOTS];
    private final long[] occupied = new long[SLOTS / Long.SIZE];
    private long tick;
    private int timers;

    TimerWheel(long now) {
        tick = now >> TICK_SHIFT;
    }

    /** Sets or puts off a timer; {@link #NEVER} stops it. */
    void set(Timer timer, long deadline) {
        long before = timer.deadline;
        timer.deadline = deadline;
        if (timer.slot >= 0 && deadline < before) {
            unlink(timer);
        }
        if (timer.slot < 0 && deadline != NEVER) {
            link(timer);
        }
    }

    private void link(Timer timer) {
        int slot = (int) (Math.max(timer.deadline >> TICK_SHIFT, tick) & MASK);
        Timer head = slots[slot];
        timer.slot = slot;
        timer.next = head;
        timer.previous = null;
        if (head != null) {
            head.previous = timer;
        }
        slots[slot] = timer;
        occupied[slot >> 6] |= 1L << slot;
        timers++;
    }

    private void unlink(Timer timer) {
        Timer previous = timer.previous;
        Timer next = timer.next;
        if (previous == null) {
            slots[timer.slot] = next;
            if (next == null) {
                occupied[timer.slot >> 6] &= ~(1L << timer.slot);
            }
        } else {
            previous.next = next;
        }
        if (next != null) {
            next.previous = previous;
        }
        timer.slot = -1;
        timer.previous = null;
        timer.next = null;
        timers--;
    }

    /** Lets all timers expire whose deadline has come. Returns how many. */
    int advance(long now) {
        long to = now >> TICK_SHIFT;
        int expired = 0;
        if (timers > 0) {
            long first = Math.max(tick, to - MASK);
            for (long at = first; at <= to; at++) {
                int slot = (int) at & MASK;
                if ((occupied[slot >> 6] & 1L << slot) != 0) {
                    tick = at;
                    expired += visit(slot, now);
                }
            }
        }
        tick = Math.max(tick, to);
        return expired;
    }

    private int visit(int slot, long now) {
        int expired = 0;
        Timer timer = slots[slot];
        while (timer != null) {
            Timer next = timer.next;
            if (timer.deadline <= now) {
                unlink(timer);
                timer.deadline = NEVER;
                timer.expired(now);
                expired++;
                // What expires may stop others, so the chain is looked at anew.
                next = slots[slot];
            } else if ((timer.deadline >> TICK_SHIFT & MASK) != slot) {
                unlink(timer);
                if (timer.deadline != NEVER) {
                    link(timer);
                }
            }
            timer = next;
        }
        return expired;
    }

    /** No timer expires before this. Never too late; maybe early by a turn of the wheel. */
    long nextDeadline() {
        if (timers == 0) {
            return NEVER;
        }
        for (int i = 0; i < SLOTS; i++) {
            int slot = (int) (tick + i) & MASK;
            if (occupied[slot >> 6] == 0) {
                i += Long.SIZE - 1 - (slot & Long.SIZE - 1);
                continue;
            }
            long earliest = NEVER;
            for (Timer timer = slots[slot]; timer != null; timer = timer.next) {
                earliest = Math.min(earliest, timer.deadline);
            }
            if (earliest >> TICK_SHIFT <= tick + i) {
                return earliest;
            }
        }
        return tick + SLOTS << TICK_SHIFT;
    }
}
