package io.sietch.vsic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A medium over one preallocated file, read through mappings and written by the path that is faster on its file system.
 *
 * <p>The file is locked exclusively while open, filled with real zeros before it is used (so that no write can run out
 * of space or need a metadata update), and never truncated. A flush is {@code fdatasync}, or {@code msync} for
 * {@link WritePath#MAPPING}; on a file system that is memory, where that does nothing, nothing.
 *
 * <p>Threads: as {@link Media}. Reads, writes and flushes may run on any thread, whatever interrupts it. Opening,
 * growing, {@link #view} and closing use a channel that an interrupt closes, so they belong to threads of the
 * library's.
 */
public final class MappedFileMedia implements Media {
    private static final int PAGE = 4096;

    /** So many bytes are copied by one routine, whose faults are exceptions at once. */
    private static final int COPIED_AT_ONCE = 256;

    /** Writes what a new device must hold before it may bear its name. */
    @FunctionalInterface
    public interface Initializer {
        void initialize(Media media) throws IOException;
    }

    private final Path file;
    private final DeviceFile device;
    private final FileChannel channel;
    private final FileIo io;
    private final int blockSize;
    private final WritePath writePath;
    private final MediaCharacteristics characteristics;
    private final boolean isMemory;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment lastBytes = arena.allocate(COPIED_AT_ONCE);
    private final ByteBuffer lastByte = ByteBuffer.allocateDirect(1);
    private volatile long size;
    private boolean closed;

    // The whole file, writable; only with WritePath.MAPPING. Older, shorter mappings stay until the arena closes.
    private volatile @Nullable MemorySegment mapping;
    private final Object dirtyLock = new Object();
    private long dirtyFrom = Long.MAX_VALUE;
    private long dirtyTo;

    private MappedFileMedia(DeviceFile device, MappedFileOptions options) throws IOException {
        this.device = device;
        this.file = device.file();
        this.channel = device.channel();
        this.io = device.io();
        this.blockSize = options.blockSize();
        this.size = wholeBlocks(channel.size());
        Path directory = DeviceFile.directoryOf(file);
        this.isMemory = WritePathProbe.isMemory(directory);
        WritePathProbe probe = WritePathProbe.measure(directory);
        this.writePath = options.writePath() == WritePath.AUTO ? probe.faster() : options.writePath();
        this.characteristics =
                new MediaCharacteristics(describe(directory, probe), probe.flushBlocks(writePath), LatencyModel.NONE);
        if (writePath == WritePath.MAPPING) {
            mapping = channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
        }
    }

    /**
     * How much of the file is usable. A crash while the file grows may leave a part of a block at its end, but never a
     * part of a page: that would be somebody else's doing.
     */
    private long wholeBlocks(long bytes) throws MediaException {
        if (bytes < blockSize || bytes % Math.min(blockSize, PAGE) != 0) {
            throw new MediaException(file + " has " + bytes + " bytes, which is not a whole number of blocks of "
                    + blockSize + ": the file was truncated, or is not a device file; restore it from a backup");
        }
        return bytes - bytes % blockSize;
    }

    private String describe(Path directory, WritePathProbe probe) throws IOException {
        String path = writePath == WritePath.MAPPING ? "mapped stores + msync" : "positional writes + fdatasync";
        return "%s, %s (%s)".formatted(Files.getFileStore(directory).type(), path, probe.describe(writePath));
    }

    /**
     * Opens an existing device file.
     *
     * @throws MediaException if it is missing, in use, not readable and writable, or not a whole number of blocks
     */
    public static MappedFileMedia open(Path file, MappedFileOptions options) throws MediaException {
        DeviceFile device = null;
        try {
            device = DeviceFile.open(file);
            // Bytes that a killed process wrote and did not flush look the same as durable ones: make them so.
            device.channel().force(false);
            return new MappedFileMedia(device, options);
        } catch (IOException e) {
            withdraw(e, device, null);
            throw DeviceFile.explain(e, file, "open");
        } catch (RuntimeException | Error e) {
            withdraw(e, device, null);
            throw e;
        }
    }

    /**
     * Creates a device file of zeros. It gets its name when the initializer has run and all of it is durable, so a
     * crash meanwhile leaves no half-made device (but maybe a file {@code <name>.new}, which the next call replaces).
     *
     * @param size bytes, rounded up to whole blocks
     * @throws MediaException if the file exists, or there is no room or no right to make it
     */
    public static MappedFileMedia create(Path file, long size, MappedFileOptions options, Initializer initializer)
            throws MediaException {
        if (size <= 0) {
            throw new IllegalArgumentException("device of " + size + " bytes");
        }
        long rounded = Math.ceilDiv(size, options.blockSize()) * options.blockSize();
        if (rounded <= 0) {
            throw new IllegalArgumentException("device of " + size + " bytes");
        }
        DeviceFile device = null;
        MappedFileMedia media = null;
        try {
            device = DeviceFile.create(file);
            device.fillWithZeros(0, rounded, false);
            media = new MappedFileMedia(device, options);
            initializer.initialize(media);
            media.flush();
            device.finish();
            return media;
        } catch (IOException e) {
            withdraw(e, device, media);
            throw DeviceFile.explain(e, file, "create");
        } catch (RuntimeException | Error e) {
            withdraw(e, device, media);
            throw e;
        }
    }

    private static void withdraw(Throwable failure, @Nullable DeviceFile device, @Nullable MappedFileMedia media) {
        if (media != null) {
            media.arena.close();
        }
        if (device != null) {
            try {
                device.close();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }

    /** The file's name. */
    public Path file() {
        return file;
    }

    /** The write path in use, never {@link WritePath#AUTO}. */
    public WritePath writePath() {
        return writePath;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public MediaCharacteristics characteristics() {
        return characteristics;
    }

    /** Reads through the channel, not the mapping: an I/O error is then an exception here and not a fault anywhere. */
    @Override
    public void read(long offset, DmaBuffer target, int targetOffset, int length) throws IOException {
        ByteBuffer bytes = target.deviceView(targetOffset, length);
        long at = offset;
        while (bytes.hasRemaining()) {
            int n = io.read(bytes, at);
            if (n < 0) {
                throw truncated();
            }
            at += n;
        }
    }

    @Override
    public void write(long offset, DmaBuffer source, int sourceOffset, int length) throws IOException {
        MemorySegment mapped = mapping;
        if (mapped != null) {
            store(mapped, offset, source, sourceOffset, length);
            return;
        }
        ByteBuffer bytes = source.deviceView(sourceOffset, length);
        long at = offset;
        while (bytes.hasRemaining()) {
            at += io.write(bytes, at);
        }
    }

    private void store(MemorySegment mapped, long offset, DmaBuffer source, int sourceOffset, int length)
            throws IOException {
        try {
            MemorySegment.copy(source.segment(), sourceOffset, mapped, offset, length);
        } catch (InternalError e) {
            // A store into a page that the file no longer has.
            throw new MediaException(file + " failed a store of " + length + " bytes at " + offset, e);
        }
        if (isMemory) {
            return;
        }
        synchronized (dirtyLock) {
            dirtyFrom = Math.min(dirtyFrom, offset);
            dirtyTo = Math.max(dirtyTo, offset + length);
        }
    }

    @Override
    public void flush() throws IOException {
        MemorySegment whole = mapping;
        if (isMemory && whole != null) {
            checkNotTruncated(whole);
            return;
        }
        checkNotTruncated();
        if (mapping == null) {
            io.force();
            return;
        }
        long from;
        long to;
        synchronized (dirtyLock) {
            from = dirtyFrom;
            to = dirtyTo;
            dirtyFrom = Long.MAX_VALUE;
            dirtyTo = 0;
        }
        // Read after the range: growth may have put a larger one in place, and the range may reach into that.
        MemorySegment mapped = mapping;
        if (mapped != null && from < to) {
            try {
                mapped.asSlice(from, to - from).force();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
    }

    /**
     * Reads the last byte instead of asking for the size: on Linux 6.13 and later, whoever looks at a file's times
     * makes the next write update them in the journal, and {@code fdatasync} then takes half as long again.
     */
    private void checkNotTruncated() throws IOException {
        if (io.read(lastByte.clear(), size - 1) < 0) {
            throw truncated();
        }
    }

    /** As the other, without a system call. */
    private void checkNotTruncated(MemorySegment mapped) throws IOException {
        try {
            long bytes = Math.min(COPIED_AT_ONCE, mapped.byteSize());
            MemorySegment.copy(mapped, mapped.byteSize() - bytes, lastBytes, 0, bytes);
        } catch (InternalError e) {
            throw truncated();
        }
    }

    private MediaException truncated() throws IOException {
        return new MediaException(file + " was truncated from " + size + " to " + io.size()
                + " bytes by somebody else while open: stop, and restore it from a backup");
    }

    /** Does nothing: the blocks stay allocated, because a later write must not run out of space. */
    @Override
    public void deallocate(long offset, long length) {
        // see above
    }

    @Override
    public MemorySegment view(long offset, long length, Arena viewArena) throws IOException {
        return channel.map(FileChannel.MapMode.READ_ONLY, offset, length, viewArena);
    }

    @Override
    public void grow(long newSize) throws IOException {
        long old = size;
        if (newSize < old || newSize % blockSize != 0) {
            throw new IllegalArgumentException("cannot grow " + file + " from " + old + " to " + newSize + " bytes");
        }
        try {
            device.fillWithZeros(old, newSize, true);
            channel.force(true);
            if (mapping != null) {
                mapping = channel.map(FileChannel.MapMode.READ_WRITE, 0, newSize, arena);
            }
        } catch (IOException e) {
            MediaException failure = new MediaException(
                    "cannot grow " + file + " from " + old + " to " + newSize + " bytes: " + e.getMessage()
                            + "; free space on its file system",
                    e);
            try {
                // Nothing refers to the bytes beyond the old size yet, so giving them back truncates nobody.
                channel.truncate(old);
            } catch (IOException again) {
                failure.addSuppressed(again);
            }
            throw failure;
        }
        size = newSize;
    }

    /** Closes and unlocks the file, without a flush. Windows that were given out stay. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            arena.close();
        } finally {
            device.close();
        }
    }

    @Override
    public String toString() {
        return file + " (" + characteristics.kind() + ")";
    }
}
