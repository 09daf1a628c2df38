package io.sietch.vsic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A medium over one preallocated file, read through mappings and written by the path that is faster on its file system.
 *
 * <p>The file is locked exclusively while open, filled with real zeros before it is used (so that no write can run out of
 * space or need a metadata update), and never truncated. A flush is {@code fdatasync}, or {@code msync} for
 * {@link WritePath#MAPPING}.
 *
 * <p>Threads: as {@link Media}. An interrupt of a thread in a channel operation closes the channel, so no thread of an
 * application may call this; run the controller on a thread of the library's.
 */
public final class MappedFileMedia implements Media {
    private static final int ZEROS = 1 << 20;

    /** Writes what a new device must hold before it may bear its name. */
    @FunctionalInterface
    public interface Initializer {
        void initialize(Media media) throws IOException;
    }

    private final Path file;
    private final FileChannel channel;
    private final int blockSize;
    private final WritePath writePath;
    private final MediaCharacteristics characteristics;
    private final Arena arena = Arena.ofShared();
    private volatile long size;

    // The whole file, writable; only with WritePath.MAPPING. Older, shorter mappings stay until the arena closes.
    private volatile @Nullable MemorySegment mapping;
    private final Object dirtyLock = new Object();
    private long dirtyFrom = Long.MAX_VALUE;
    private long dirtyTo;

    private MappedFileMedia(Path file, FileChannel channel, MappedFileOptions options) throws IOException {
        this.file = file;
        this.channel = channel;
        this.blockSize = options.blockSize();
        this.size = channel.size();
        Path directory = directoryOf(file);
        WritePathProbe probe = WritePathProbe.measure(directory);
        this.writePath = options.writePath() == WritePath.AUTO ? probe.faster() : options.writePath();
        this.characteristics = new MediaCharacteristics(
                describe(directory, probe), probe.flushBlocks(writePath), LatencyModel.NONE);
        if (writePath == WritePath.MAPPING) {
            mapping = channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
        }
    }

    private String describe(Path directory, WritePathProbe probe) throws IOException {
        String path = writePath == WritePath.MAPPING ? "mapped stores + msync" : "positional writes + fdatasync";
        return "%s, %s (%.0f us a durable block; the other way %.0f us)"
                .formatted(
                        Files.getFileStore(directory).type(),
                        path,
                        probe.nanos(writePath) / 1e3,
                        probe.nanos(writePath == WritePath.MAPPING ? WritePath.CHANNEL : WritePath.MAPPING) / 1e3);
    }

    /**
     * Opens an existing device file.
     *
     * @throws MediaException if it is missing, in use, not readable and writable, or not a whole number of blocks
     */
    public static MappedFileMedia open(Path file, MappedFileOptions options) throws MediaException {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            lock(file, channel);
            long size = channel.size();
            if (size == 0 || size % options.blockSize() != 0) {
                throw new MediaException(file + " has " + size + " bytes, which is not a whole number of blocks of "
                        + options.blockSize() + ": the file was truncated, or is not a device file; restore it from a"
                        + " backup");
            }
            return new MappedFileMedia(file, channel, options);
        } catch (IOException e) {
            throw closedAfter(e, file, "open", channel);
        }
    }

    /**
     * Creates a device file of zeros. It gets its name when the initializer has run and all of it is durable, so a crash
     * meanwhile leaves no half-made device (but maybe a file {@code <name>.new}, which the next call replaces).
     *
     * @param size bytes, rounded up to whole blocks
     * @throws MediaException if the file exists, or there is no room or no right to make it
     */
    public static MappedFileMedia create(Path file, long size, MappedFileOptions options, Initializer initializer)
            throws MediaException {
        if (size <= 0) {
            throw new IllegalArgumentException("device of " + size + " bytes");
        }
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        FileChannel channel = null;
        try {
            if (Files.exists(file)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            channel = FileChannel.open(
                    unfinished, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            lock(unfinished, channel);
            channel.truncate(0);
            long rounded = (size + options.blockSize() - 1) / options.blockSize() * options.blockSize();
            fillWithZeros(channel, 0, rounded);
            channel.force(true);
            MappedFileMedia media = new MappedFileMedia(file, channel, options);
            initializer.initialize(media);
            media.flush();
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            forceDirectory(directoryOf(file));
            return media;
        } catch (IOException e) {
            MediaException failure = closedAfter(e, file, "create", channel);
            if (channel != null) {
                try {
                    Files.deleteIfExists(unfinished);
                } catch (IOException again) {
                    failure.addSuppressed(again);
                }
            }
            throw failure;
        }
    }

    private static void lock(Path file, FileChannel channel) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new MediaException(file + " is in use by another process or another part of this one: close that first,"
                    + " or choose another file");
        }
    }

    private static MediaException closedAfter(
            IOException cause, Path file, String verb, @Nullable FileChannel channel) {
        MediaException failure = cause instanceof MediaException media ? media : explain(cause, file, verb);
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
        return failure;
    }

    private static MediaException explain(IOException cause, Path file, String verb) {
        String reason =
                switch (cause) {
                    case NoSuchFileException missing -> "there is no " + missing.getFile();
                    case FileAlreadyExistsException exists -> exists.getFile() + " exists already; open it instead";
                    case AccessDeniedException denied ->
                        "permission denied for " + denied.getFile() + "; make file and directory readable and writable"
                                + " for this user";
                    case FileSystemException other when other.getReason() != null -> other.getReason();
                    default -> String.valueOf(cause.getMessage());
                };
        return new MediaException("cannot " + verb + " " + file + ": " + reason, cause);
    }

    private static Path directoryOf(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }

    /** Makes the names in a directory durable. */
    private static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void fillWithZeros(FileChannel channel, long from, long to) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS);
        for (long at = from; at < to; ) {
            zeros.clear().limit((int) Math.min(ZEROS, to - at));
            at += channel.write(zeros, at);
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
            int n = channel.read(bytes, at);
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
            at += channel.write(bytes, at);
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
        synchronized (dirtyLock) {
            dirtyFrom = Math.min(dirtyFrom, offset);
            dirtyTo = Math.max(dirtyTo, offset + length);
        }
    }

    @Override
    public void flush() throws IOException {
        if (channel.size() < size) {
            throw truncated();
        }
        MemorySegment mapped = mapping;
        if (mapped == null) {
            channel.force(false);
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
        if (from < to) {
            try {
                mapped.asSlice(from, to - from).force();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
    }

    private MediaException truncated() throws IOException {
        return new MediaException(file + " was truncated from " + size + " to " + channel.size()
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
            fillWithZeros(channel, old, newSize);
            channel.force(true);
        } catch (IOException e) {
            // Nothing refers to the bytes beyond the old size yet, so giving them back truncates nobody.
            channel.truncate(old);
            throw new MediaException("cannot grow " + file + " from " + old + " to " + newSize + " bytes: "
                    + e.getMessage() + "; free space on its file system", e);
        }
        if (mapping != null) {
            mapping = channel.map(FileChannel.MapMode.READ_WRITE, 0, newSize, arena);
        }
        size = newSize;
    }

    @Override
    public void close() throws IOException {
        arena.close();
        channel.close();
    }

    @Override
    public String toString() {
        return file + " (" + characteristics.kind() + ")";
    }
}
