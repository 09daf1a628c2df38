package io.sietch.vsic;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;

/**
 * Measures, on a scratch file beside the device, what a durable block costs on each write path. Takes a few
 * milliseconds.
 *
 * @param channelNanos median of positional write + fdatasync
 * @param mappingNanos median of store + msync
 * @param measured whether the figures are more than a guess
 */
record WritePathProbe(long channelNanos, long mappingNanos, boolean measured) {
    private static final int ROUNDS = 9;
    private static final int BLOCK = 4096;

    /** A flush that takes longer than this must not run in a poll loop: a wake-up of a flusher thread costs less. */
    private static final long BLOCKING_NANOS = 15_000;

    private static final long GUESSED = 1_000;
    private static final long UNKNOWN = Long.MAX_VALUE;

    /**
     * Measures; where no scratch file can be made (disk full, directory read-only), goes by the kind of file system.
     */
    static WritePathProbe measure(Path directory) throws IOException {
        try {
            return measured(directory);
        } catch (IOException noScratch) {
            return isMemory(directory)
                    ? new WritePathProbe(2 * GUESSED, GUESSED, false)
                    : new WritePathProbe(UNKNOWN, UNKNOWN, false);
        }
    }

    /** Whether files there are memory and nothing else: no page is ever written to something that could tear it. */
    static boolean isMemory(Path directory) throws IOException {
        return Files.getFileStore(directory).type().matches("tmpfs|ramfs");
    }

    private static WritePathProbe measured(Path directory) throws IOException {
        Path scratch = Files.createTempFile(directory, ".sietch-probe-", ".tmp");
        // Gone from the directory as soon as it is open, so that not even a crash leaves it behind.
        try (FileChannel channel = FileChannel.open(
                        scratch,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE);
                Arena arena = Arena.ofConfined()) {
            int blocks = 2 * ROUNDS;
            ByteBuffer zeros = ByteBuffer.allocateDirect(blocks * BLOCK);
            writeFully(channel, zeros, 0);
            channel.force(true);
            MemorySegment mapping = channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) blocks * BLOCK, arena);
            ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
            long[] byChannel = new long[ROUNDS];
            long[] byMapping = new long[ROUNDS];
            for (int i = 0; i < ROUNDS; i++) {
                long start = System.nanoTime();
                writeFully(channel, block.clear(), (long) 2 * i * BLOCK);
                channel.force(false);
                byChannel[i] = System.nanoTime() - start;
                start = System.nanoTime();
                MemorySegment slice = mapping.asSlice((2L * i + 1) * BLOCK, BLOCK);
                slice.fill((byte) 1);
                slice.force();
                byMapping[i] = System.nanoTime() - start;
            }
            Arrays.sort(byChannel);
            Arrays.sort(byMapping);
            return new WritePathProbe(byChannel[ROUNDS / 2], byMapping[ROUNDS / 2], true);
        } finally {
            Files.deleteIfExists(scratch);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes, long offset) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /**
     * The faster path. The mapping has to be as fast as memory to be taken: on a disk it is the slower one, whatever a
     * few rounds on a busy machine say, and its errors are faults instead of exceptions.
     */
    WritePath faster() {
        return mappingNanos < channelNanos && !flushBlocks(WritePath.MAPPING) ? WritePath.MAPPING : WritePath.CHANNEL;
    }

    boolean flushBlocks(WritePath path) {
        return nanos(path) > BLOCKING_NANOS;
    }

    /** The figures in a few words, the chosen path's first. */
    String describe(WritePath chosen) {
        if (!measured) {
            return "not measured: no scratch file could be made beside it";
        }
        WritePath other = chosen == WritePath.MAPPING ? WritePath.CHANNEL : WritePath.MAPPING;
        return String.format(
                Locale.ROOT, "%.0f us a durable block; the other way %.0f us", nanos(chosen) / 1e3, nanos(other) / 1e3);
    }

    private long nanos(WritePath path) {
        return path == WritePath.MAPPING ? mappingNanos : channelNanos;
    }
}
