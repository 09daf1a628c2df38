package io.sietch.vsic;

/** How a {@link MappedFileMedia} brings bytes to its file. */
public enum WritePath {
    /** Measures the others on the file system at hand and takes the faster. */
    AUTO,
    /** Positional writes and {@code fdatasync}. Wins on disks; errors are exceptions at the write. */
    CHANNEL,
    /** Stores into a writable mapping and {@code msync}. Wins where the file is memory: tmpfs, DAX. */
    MAPPING
}
