package io.sietch.redis;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A server on a thread of this process, at a port of the system's choice. */
final class RunningServer implements AutoCloseable {
    private final ServerConfig config = new ServerConfig();
    private final CompletableFuture<ServerProcess> started = new CompletableFuture<>();
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    RunningServer(Path directory, String... settings) {
        try {
            config.set("dir", List.of(directory.toString()));
            config.set("port", List.of("0"));
            for (int i = 0; i < settings.length; i += 2) {
                config.set(settings[i], List.of(settings[i + 1]));
            }
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e);
        }
        thread = Thread.ofPlatform().name("server").start(this::run);
        started.join();
    }

    private void run() {
        try (ServerProcess process = ServerProcess.start(config)) {
            started.complete(process);
            process.run();
        } catch (IOException | RuntimeException e) {
            failure = e;
            started.completeExceptionally(e);
        }
    }

    int port() {
        return config.port();
    }

    /** The thread that serves. */
    long threadId() {
        return thread.threadId();
    }

    String greeting() {
        return started.join().greeting();
    }

    @Override
    public void close() {
        started.join().stop();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (failure != null) {
            throw new IllegalStateException("the server failed", failure);
        }
    }
}
