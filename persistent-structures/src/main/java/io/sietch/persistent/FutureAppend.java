package io.sietch.persistent;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** An append whose end is told by a future. */
final class FutureAppend extends CompletableFuture<Long> implements AppendCallback {
    @Override
    public void completed(long position, @Nullable IOException failure) {
        if (failure == null) {
            complete(position);
        } else {
            completeExceptionally(failure);
        }
    }
}
