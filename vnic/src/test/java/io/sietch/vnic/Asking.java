package io.sietch.vnic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What blocks until the other end, which the test itself polls, has answered. */
final class Asking {
    private Asking() {}

    /** A call that talks to somebody. */
    @FunctionalInterface
    interface Call<T> {
        T call() throws IOException;
    }

    /** @param until polls until something is done */
    static <T> T ask(Call<T> call, Consumer<BooleanSupplier> until) {
        CompletableFuture<T> asking = CompletableFuture.supplyAsync(() -> {
            try {
                return call.call();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        until.accept(asking::isDone);
        return asking.join();
    }
}
