package io.sietch.vsic;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Who may poll what a loop polls: the loop's own thread, or, while that waits, one guest at a time.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>At most one thread has the turn, and it sees all that its predecessors did.
 *   <li>A guest enters only while the loop waits and is not wanted.
 *   <li>A wake-up that comes while a guest has the turn reaches the loop when the guest leaves.
 * </ol>
 */
final class LoopTurn {
    private final Waiter waiter;
    private final Thread loop;
    private final AtomicReference<@Nullable Thread> holder = new AtomicReference<>();
    /** The loop has something to do. Set by anybody, taken back by the loop when it has the turn. */
    private volatile boolean wanted;

    LoopTurn(Thread loop, Waiter waiter) {
        this.loop = loop;
        this.waiter = waiter;
    }

    /** The loop takes its turn, after a guest's if there is one. Does nothing if it has it. */
    void enterLoop() {
        while (holder.get() != loop && !holder.compareAndSet(null, loop)) {
            // Announced before the last look; a leaving guest lets go before it looks for this.
            wanted = true;
            if (holder.get() != null) {
                waiter.await(Long.MAX_VALUE);
            }
        }
        wanted = false;
    }

    /** The loop has nothing to do, and will wait. */
    void leaveLoop() {
        holder.set(null);
    }

    /** Takes the turn, if nobody has it and the loop has nothing to do. */
    boolean tryEnter() {
        return !wanted && holder.get() == null && holder.compareAndSet(null, Thread.currentThread());
    }

    /**
     * A guest leaves.
     *
     * @param owed whether there is something left that only the loop can do
     */
    void leave(boolean owed) {
        if (owed) {
            wanted = true;
        }
        holder.set(null);
        if (wanted) {
            waiter.wake();
        }
    }

    boolean isWanted() {
        return wanted;
    }

    boolean isCurrent() {
        return holder.get() == Thread.currentThread();
    }

    /** The loop has something to do: at once, or after the guest. Any thread. */
    void wake() {
        Thread now = holder.get();
        if (now != null && now != loop) {
            wanted = true;
            if (holder.get() == now) {
                return;
            }
        }
        waiter.wake();
    }
}
