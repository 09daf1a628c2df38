package io.sietch.vsic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How a {@link MappedFileMedia} is opened.
 *
 * @param blockSize unit of offsets and lengths in bytes: a power of two, at least 64. Should not be smaller than the
 *     unit in which the medium tears, which for a page cache is the page
 * @param writePath how bytes get to the file
 */
public record MappedFileOptions(int blockSize, WritePath writePath) {
    /** Blocks of 4 KiB; the faster write path. */
    public static final MappedFileOptions DEFAULTS = new MappedFileOptions(4096, WritePath.AUTO);

    private static final int CACHE_LINE = 64;

    public MappedFileOptions {
        if (blockSize < CACHE_LINE || Integer.bitCount(blockSize) != 1) {
            throw new IllegalArgumentException(
                    "block size " + blockSize + ": must be a power of two, 64 bytes or more");
        }
    }

    /**
     * What suits the file system that a file is on, or will be. Where it is memory (tmpfs), of which a crash of the
     * machine leaves nothing, and a killed process can have hurt only the bytes that it was writing, blocks are as
     * small as can be. Elsewhere {@link #DEFAULTS}.
     */
    public static MappedFileOptions forFile(Path file) throws IOException {
        Path directory = DeviceFile.directoryOf(file);
        return Files.isDirectory(directory) && WritePathProbe.isMemory(directory)
                ? new MappedFileOptions(CACHE_LINE, DEFAULTS.writePath())
                : DEFAULTS;
    }

    public MappedFileOptions withWritePath(WritePath newPath) {
        return new MappedFileOptions(blockSize, newPath);
    }
}
