package io.sietch.vsic;

/**
 * How a {@link MappedFileMedia} is opened.
 *
 * @param blockSize unit of offsets and lengths in bytes: a power of two, at least 512. Should not be smaller than the
 *     unit in which the medium tears, which for a page cache is the page
 * @param writePath how bytes get to the file
 */
public record MappedFileOptions(int blockSize, WritePath writePath) {
    /** Blocks of 4 KiB; the faster write path. */
    public static final MappedFileOptions DEFAULTS = new MappedFileOptions(4096, WritePath.AUTO);

    public MappedFileOptions {
        if (blockSize < 512 || Integer.bitCount(blockSize) != 1) {
            throw new IllegalArgumentException(
                    "block size " + blockSize + ": must be a power of two, 512 bytes or more");
        }
    }

    public MappedFileOptions withWritePath(WritePath newPath) {
        return new MappedFileOptions(blockSize, newPath);
    }
}
