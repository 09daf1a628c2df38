package io.sietch.persistent;

import io.sietch.vsic.PollerThread;
import io.sietch.vsic.StorageController;
import java.io.IOException;
import java.util.concurrent.CompletionException;

/** Calls into a {@link PollerThread}, with failures as they were thrown. */
record ThreadRunner(PollerThread thread, StorageController controller) implements LogRunner {
    @Override
    public <T> T call(Call<T> body) throws IOException {
        try {
            return thread.call(body::run);
        } catch (CompletionException e) {
            throw unwrapped(e);
        }
    }

    /** Throws what is behind the exception if it is unchecked, returns it if it is an IOException. */
    static IOException unwrapped(CompletionException e) {
        switch (e.getCause()) {
            case IOException io -> {
                return io;
            }
            case RuntimeException runtime -> throw runtime;
            case Error error -> throw error;
            case null, default -> throw e;
        }
    }

    @Override
    public boolean isCurrent() {
        return thread.isCurrent();
    }

    @Override
    public void wake() {
        thread.wake();
    }

    /** A virtual thread would keep its carrier for the whole flush. */
    @Override
    public boolean tryEnter() {
        return controller.flushesInline() && !Thread.currentThread().isVirtual() && thread.tryEnter();
    }

    @Override
    public int pollDevice() {
        try {
            return controller.poll();
        } catch (RuntimeException | Error e) {
            thread.breakBy(e);
            return 0;
        }
    }

    @Override
    public boolean isWanted() {
        return thread.isWanted();
    }

    @Override
    public void leave(boolean owed) {
        thread.leave(owed);
    }
}
