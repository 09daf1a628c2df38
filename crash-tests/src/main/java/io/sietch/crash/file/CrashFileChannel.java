package io.sietch.crash.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;

/**
 * A channel as {@link FileChannel} describes it, but for {@link #map}, which a simulated file cannot do. Writes are not
 * durable before {@link #force}, unless it was opened with {@code SYNC} or {@code DSYNC}.
 */
final class CrashFileChannel extends FileChannel {
    /** How a channel was opened. */
    record Mode(boolean reads, boolean writes, boolean appends, boolean syncs) {}

    private static final int TRANSFER_BYTES = 64 << 10;

    private final Content content;
    private final Mode mode;
    private final LockTable locks;
    private final Object key;
    private long position;

    /** @param key names the file among the locks */
    CrashFileChannel(Content content, Mode mode, LockTable locks, Object key) {
        this.content = content;
        this.mode = mode;
        this.locks = locks;
        this.key = key;
    }

    private void requireReadable() throws ClosedChannelException {
        requireOpen(this);
        if (!mode.reads) {
            throw new NonReadableChannelException();
        }
    }

    private void requireWritable() throws ClosedChannelException {
        requireOpen(this);
        if (!mode.writes) {
            throw new NonWritableChannelException();
        }
    }

    private static void requireOpen(Channel channel) throws ClosedChannelException {
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
    }

    private static void requireNotNegative(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("negative position " + position);
        }
    }

    // ---- reading -------------------------------------------------------------------------------------------------

    @Override
    public synchronized int read(ByteBuffer target) throws IOException {
        requireReadable();
        int count = target.hasRemaining() ? content.read(position, target) : 0;
        position += Math.max(0, count);
        return count;
    }

    @Override
    public int read(ByteBuffer target, long at) throws IOException {
        requireNotNegative(at);
        requireReadable();
        return target.hasRemaining() ? content.read(at, target) : 0;
    }

    @Override
    public synchronized long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, targets.length);
        requireReadable();
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            int count = read(targets[i]);
            if (count < 0) {
                return total == 0 ? -1 : total;
            }
            total += count;
        }
        return total;
    }

    // ---- writing -------------------------------------------------------------------------------------------------

    @Override
    public synchronized int write(ByteBuffer source) throws IOException {
        requireWritable();
        if (mode.appends) {
            position = content.size();
        }
        int count = put(position, source);
        position += count;
        return count;
    }

    @Override
    public int write(ByteBuffer source, long at) throws IOException {
        requireNotNegative(at);
        requireWritable();
        return put(mode.appends ? content.size() : at, source);
    }

    @Override
    public synchronized long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sources.length);
        requireWritable();
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            total += write(sources[i]);
        }
        return total;
    }

    private int put(long at, ByteBuffer source) throws IOException {
        int count = content.write(at, source);
        if (mode.syncs) {
            content.sync();
        }
        return count;
    }

    @Override
    public synchronized FileChannel truncate(long size) throws IOException {
        requireNotNegative(size);
        requireWritable();
        content.truncate(size);
        position = Math.min(position, size);
        return this;
    }

    /** Makes the file durable with its length, whatever {@code metaData} says: data that no length covers are lost. */
    @Override
    public void force(boolean metaData) throws IOException {
        requireOpen(this);
        content.sync();
    }

    // ---- place and length ----------------------------------------------------------------------------------------

    @Override
    public synchronized long position() throws IOException {
        requireOpen(this);
        return mode.appends ? content.size() : position;
    }

    @Override
    public synchronized FileChannel position(long newPosition) throws IOException {
        requireNotNegative(newPosition);
        requireOpen(this);
        position = newPosition;
        return this;
    }

    @Override
    public long size() throws IOException {
        requireOpen(this);
        return content.size();
    }

    // ---- between channels ----------------------------------------------------------------------------------------

    @Override
    public long transferTo(long from, long count, WritableByteChannel target) throws IOException {
        requireReadable();
        requireOpen(target);
        // Refused even if there is nothing to move, as the default file system does.
        if (target instanceof CrashFileChannel file) {
            file.requireWritable();
        }
        requireNotNegative(from);
        requireNotNegative(count);
        // What there is now: the target may be the same file, and grow meanwhile.
        long there = Math.min(count, content.size() - from);
        long done = 0;
        while (done < there) {
            ByteBuffer part = ByteBuffer.allocate((int) Math.min(TRANSFER_BYTES, there - done));
            if (content.read(from + done, part) <= 0) {
                break;
            }
            part.flip();
            int written = target.write(part);
            done += written;
            if (part.hasRemaining()) {
                break;
            }
        }
        return done;
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long at, long count) throws IOException {
        requireOpen(this);
        requireOpen(source);
        if (source instanceof CrashFileChannel file) {
            file.requireReadable();
        }
        requireWritable();
        requireNotNegative(at);
        requireNotNegative(count);
        long done = 0;
        while (done < count) {
            ByteBuffer part = ByteBuffer.allocate((int) Math.min(TRANSFER_BYTES, count - done));
            if (source.read(part) <= 0) {
                break;
            }
            part.flip();
            done += write(part, at + done);
        }
        return done;
    }

    // ---- locks and maps ------------------------------------------------------------------------------------------

    @Override
    public FileLock lock(long from, long size, boolean shared) throws IOException {
        // Whoever else holds a lock is in this process, and that is an exception, not something to wait for.
        return tryLock(from, size, shared);
    }

    @Override
    public FileLock tryLock(long from, long size, boolean shared) throws IOException {
        if (shared) {
            requireReadable();
        } else {
            requireWritable();
        }
        return locks.lock(this, key, from, size, shared);
    }

    @Override
    public MappedByteBuffer map(MapMode mapMode, long from, long size) {
        throw new UnsupportedOperationException("a file of the crash kit cannot be mapped");
    }

    @Override
    protected void implCloseChannel() throws IOException {
        locks.release(this);
        content.closed();
    }
}
