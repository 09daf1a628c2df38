package io.sietch.vnic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Where a loop waits for channels of the kernel: one selector, and what it found.
 *
 * <p>Threads: that of the loop, but for {@link #wake}.
 */
final class Selection implements AutoCloseable {
    /** Serves a channel that is ready. */
    @FunctionalInterface
    interface Server {
        void serve(SelectionKey key, long nowNanos);
    }

    private final Selector selector;
    private final Consumer<SelectionKey> collect = this::collect;
    private SelectionKey[] ready = new SelectionKey[64];
    private int readyCount;

    // A waker signals before it looks for a sleeper; the sleeper announces itself before it looks for a signal.
    private volatile boolean signalled;
    private volatile boolean sleeping;

    Selection() throws IOException {
        this.selector = Selector.open();
    }

    /** To register channels with. */
    Selector selector() {
        return selector;
    }

    /** Whether an await has found something that the next {@link #poll} will serve. */
    boolean hasReady() {
        return readyCount > 0;
    }

    /** Whether a wake has come that has not ended an await yet. */
    boolean isSignalled() {
        return signalled;
    }

    /**
     * Serves what the last await has found, or else what is ready now. Not within the selection: serving one channel
     * may close another, which is then left out.
     *
     * @return how many were served
     */
    int poll(Server server, long nowNanos) {
        if (readyCount == 0) {
            select(0);
        }
        int work = 0;
        for (int i = 0; i < readyCount; i++) {
            SelectionKey key = ready[i];
            if (key.isValid()) {
                work++;
                server.serve(key, nowNanos);
            }
        }
        Arrays.fill(ready, 0, readyCount, null);
        readyCount = 0;
        return work;
    }

    private void collect(SelectionKey key) {
        if (readyCount == ready.length) {
            ready = Arrays.copyOf(ready, 2 * readyCount);
        }
        ready[readyCount++] = key;
    }

    /** @param millis 0: look only; negative: wait for ever */
    private void select(long millis) {
        try {
            if (millis == 0) {
                selector.selectNow(collect);
            } else {
                selector.select(collect, Math.max(0, millis));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot wait for the network", e);
        }
    }

    /** Waits until a channel is ready, the time is over, or {@link #wake}. With no time, it takes back a wake only. */
    void await(long maxNanos) {
        if (readyCount == 0 && maxNanos > 0) {
            sleeping = true;
            if (!signalled) {
                // Rounded up: a loop that came back early would only spin until its time has come.
                select(maxNanos >= Long.MAX_VALUE / 2 ? -1 : maxNanos / 1_000_000 + 1);
            }
            sleeping = false;
        }
        if (signalled) { // a volatile write takes as long as several looks
            signalled = false;
        }
    }

    /** Ends the present or the next await. Any thread. */
    void wake() {
        signalled = true;
        if (sleeping) {
            selector.wakeup();
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
