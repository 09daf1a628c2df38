package io.sietch.persistent;

import io.sietch.vsic.PollerThread;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.util.concurrent.CompletionException;

/** Calls into a {@link PollerThread}, with failures as they were thrown. */
record ThreadRunner(PollerThread thread, Waiter waiter) implements LogRunner {
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
        waiter.wake();
    }
}
