package io.sietch.vsic;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The file of a {@link MappedFileMedia}: how it comes into being, its name, and the exclusive lock on it.
 *
 * <p>A lock of the operating system belongs to the process, and goes when the process closes <em>any</em> descriptor of
 * the file. So a second opening within the process must be refused before it opens one: that is what {@link #OPEN} is
 * for.
 */
final class DeviceFile {
    private static final int ZEROS = 1 << 20;

    /** The device files that this process has open, or is making. */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final Path key;
    private final FileChannel channel;
    // The name until it is finished, null afterwards.
    private @Nullable Path unfinished;
    private @Nullable FileIo io;

    private DeviceFile(Path file, Path key, FileChannel channel, @Nullable Path unfinished) {
        this.file = file;
        this.key = key;
        this.channel = channel;
        this.unfinished = unfinished;
    }

    /** Opens and locks an existing file. */
    static DeviceFile open(Path file) throws IOException {
        Path key = claim(file, file.toRealPath());
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            lock(file, channel);
            return new DeviceFile(file, key, channel, null);
        } catch (IOException | RuntimeException | Error e) {
            release(e, key, channel);
            throw e;
        }
    }

    /** Makes and locks an empty file, which bears the name {@code <file>.new} until {@link #finish}. */
    static DeviceFile create(Path file) throws IOException {
        requireAbsent(file);
        Path directory = directoryOf(file);
        if (!Files.isDirectory(directory)) {
            throw new MediaException(
                    "cannot create " + file + ": there is no directory " + directory + "; make it first");
        }
        Path key = claim(file, directory.toRealPath().resolve(file.getFileName()));
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    unfinished, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            lock(unfinished, channel);
            // Another process may have finished this very file between our opening and our locking it.
            requireAbsent(file);
            channel.truncate(0);
            return new DeviceFile(file, key, channel, unfinished);
        } catch (IOException | RuntimeException | Error e) {
            release(e, key, channel);
            throw e;
        }
    }

    private static void requireAbsent(Path file) throws FileAlreadyExistsException {
        if (Files.exists(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
    }

    private static Path claim(Path file, Path key) throws MediaException {
        if (!OPEN.add(key)) {
            throw inUse(file);
        }
        return key;
    }

    private static void lock(Path file, FileChannel channel) throws IOException {
        try {
            if (channel.tryLock() == null) {
                throw inUse(file);
            }
        } catch (OverlappingFileLockException e) {
            throw inUse(file);
        }
    }

    private static MediaException inUse(Path file) {
        return new MediaException(file + " is in use by another process or another part of this one: close that first,"
                + " or choose another file");
    }

    private static void release(Throwable failure, Path key, @Nullable FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
        OPEN.remove(key);
    }

    /** The file, open for reading and writing. */
    FileChannel channel() {
        return channel;
    }

    Path file() {
        return file;
    }

    /** The file for I/O that no interrupt ends. Closed with this. */
    FileIo io() throws IOException {
        FileIo opened = io;
        if (opened == null) {
            Path name = unfinished;
            opened = FileIo.open(name != null ? name : file);
            io = opened;
        }
        return opened;
    }

    /** Makes the content durable and gives the file its name, durably. */
    void finish() throws IOException {
        Path from = unfinished;
        if (from != null) {
            channel.force(true);
            Files.move(from, file, StandardCopyOption.ATOMIC_MOVE);
            unfinished = null;
            try (FileChannel directory = FileChannel.open(directoryOf(file), StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }

    /**
     * Writes real zeros, so that no later write needs space.
     *
     * @param inUse whether others flush the file meanwhile. Their flushes wait for the zeros that are on their way too,
     *     so there are never many of them
     * @throws IOException if there is no room for them
     */
    void fillWithZeros(long from, long to, boolean inUse) throws IOException {
        long free = Files.getFileStore(directoryOf(file)).getUsableSpace();
        // What lies between the end of the file and `to` is still to be found; part of it may be there already.
        long needed = to - Math.max(from, channel.size());
        if (needed > free) {
            throw new MediaException("no space for " + file + ": " + needed + " bytes are needed and " + free
                    + " are free; free some, or ask for less");
        }
        ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS);
        for (long at = from; at < to; ) {
            zeros.clear().limit((int) Math.min(ZEROS, to - at));
            at += channel.write(zeros, at);
            if (inUse) {
                channel.force(false);
            }
        }
    }

    /** Closes the file. One that was never finished is deleted. */
    void close() throws IOException {
        try {
            Path leftover = unfinished;
            if (leftover != null) {
                // Before the lock goes: afterwards the name may be somebody else's.
                Files.deleteIfExists(leftover);
            }
        } finally {
            closeChannels();
        }
    }

    private void closeChannels() throws IOException {
        FileIo opened = io;
        try {
            if (opened != null) {
                opened.close();
            }
        } finally {
            channel.close();
            OPEN.remove(key);
        }
    }

    static Path directoryOf(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }

    /** Says what happened in a sentence that names the file and the remedy. */
    static MediaException explain(IOException cause, Path file, String verb) {
        if (cause instanceof MediaException media) {
            return media;
        }
        String reason = switch (cause) {
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
}
