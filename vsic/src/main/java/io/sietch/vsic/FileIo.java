package io.sietch.vsic;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Positional reads and writes and {@code fdatasync}, on the calling thread, that an interrupt of it neither ends nor
 * notices. An interrupt closes a {@link java.nio.channels.FileChannel}, for everybody; an asynchronous channel knows
 * nothing of interrupts, and an executor that runs its work at once makes it a synchronous one.
 */
final class FileIo implements AutoCloseable {
    private final AsynchronousFileChannel channel;

    /** Runs everything on the thread that hands it in. */
    private static final class AtOnce extends AbstractExecutorService {
        @Override
        public void execute(Runnable command) {
            command.run();
        }

        @Override
        public void shutdown() {
            // holds nothing
        }

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return false;
        }
    }

    private FileIo(AsynchronousFileChannel channel) {
        this.channel = channel;
    }

    /**
     * Opens a file that this process has locked. Closing it lets that lock go.
     *
     * @throws MediaException if what bears this name now is not the file that was locked
     */
    static FileIo open(Path locked) throws IOException {
        AsynchronousFileChannel channel = AsynchronousFileChannel.open(
                locked, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE), new AtOnce());
        try (FileLock surprise = channel.tryLock()) {
            channel.close();
            throw new MediaException(locked + " was replaced while it was being opened (" + surprise
                    + "): leave the file alone, and open it again");
        } catch (OverlappingFileLockException expected) {
            return new FileIo(channel);
        }
    }

    /** Returns how many bytes were read, -1 at the end of the file. */
    int read(ByteBuffer target, long offset) throws IOException {
        return result(channel.read(target, offset));
    }

    /** Returns how many bytes were written. */
    int write(ByteBuffer source, long offset) throws IOException {
        return result(channel.write(source, offset));
    }

    private static int result(Future<Integer> ended) throws IOException {
        try {
            // It has ended, so this waits for nothing and looks for no interrupt.
            return ended.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException("file I/O ended by " + e.getCause(), e);
        } catch (InterruptedException e) {
            throw new AssertionError("an operation that has ended waits for nothing", e);
        }
    }

    /** Makes what was written before durable, but for the file's times. */
    void force() throws IOException {
        channel.force(false);
    }

    long size() throws IOException {
        return channel.size();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
