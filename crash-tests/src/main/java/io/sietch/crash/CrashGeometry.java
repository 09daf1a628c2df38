package io.sietch.crash;

/**
 * The shape of an emulated medium.
 *
 * @param size bytes at first
 * @param maxSize bytes up to which it may grow; beyond, growing fails for want of room
 * @param blockSize the unit of commands in bytes
 * @param sectorSize the unit that survives or is lost as one, in bytes: 512 or 4096 on the devices of today
 * @param soundBytes so many bytes at the front are lost or kept as any others, but never torn or turned to garbage: as
 *     a file system's journal protects what it knows of its files
 */
public record CrashGeometry(long size, long maxSize, int blockSize, int sectorSize, long soundBytes) {
    public CrashGeometry {
        if (Integer.bitCount(blockSize) != 1
                || Integer.bitCount(sectorSize) != 1
                || sectorSize < Long.BYTES
                || size <= 0
                || size % Math.max(blockSize, sectorSize) != 0
                || maxSize % Math.max(blockSize, sectorSize) != 0
                || maxSize < size
                || maxSize > Integer.MAX_VALUE
                || soundBytes < 0
                || soundBytes > size) {
            throw new IllegalArgumentException(
                    "medium of " + size + " to " + maxSize + " bytes in blocks of " + blockSize
                            + " and sectors of " + sectorSize
                            + ": sizes are multiples of both, both are powers of two, and 2 GiB is the most");
        }
    }

    /** A medium of which every byte may be damaged. */
    public CrashGeometry(long size, long maxSize, int blockSize, int sectorSize) {
        this(size, maxSize, blockSize, sectorSize, 0);
    }

    /** A medium that does not grow, in blocks of 4096 and sectors of 512 bytes. */
    public static CrashGeometry of(long size) {
        return new CrashGeometry(size, size, 4096, 512);
    }

    /** The same with room to grow. */
    public CrashGeometry growingTo(long newMaxSize) {
        return new CrashGeometry(size, newMaxSize, blockSize, sectorSize, soundBytes);
    }

    /** The same in other sectors; as many of them are sound as before. */
    public CrashGeometry withSectors(int newSectorSize) {
        return new CrashGeometry(size, maxSize, blockSize, newSectorSize, soundBytes / sectorSize * newSectorSize);
    }

    /** Whether a crash may damage the sector, besides losing what was written to it. */
    boolean isDamageable(int sector) {
        return (long) sector * sectorSize >= soundBytes;
    }

    int maxSectors() {
        return (int) (maxSize / sectorSize);
    }
}
