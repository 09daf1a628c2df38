package io.sietch.crash;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The present content of a medium in one piece, for reads and views. Lives that follow one another share it: most of
 * what one shows the next one shows as well, so a sector is copied only if it shows something else.
 *
 * <p>Invariant: a sector with an entry in {@code shown} holds the bytes of that entry. Versions of sectors never
 * change, so whether a sector shows a version is a question of identity.
 */
final class SectorMemory {
    private final MemorySegment segment;
    private final byte[] @Nullable [] shown;
    private final int sectorSize;

    SectorMemory(CrashGeometry geometry) {
        this.segment = Arena.ofAuto().allocate(geometry.maxSize(), Math.max(geometry.blockSize(), 64));
        this.shown = new byte[geometry.maxSectors()][];
        this.sectorSize = geometry.sectorSize();
    }

    MemorySegment segment() {
        return segment;
    }

    /** Has a sector show these bytes, which never change from now on. */
    void show(int sector, byte[] bytes) {
        if (shown[sector] != bytes) {
            MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, (long) sector * sectorSize, sectorSize);
            shown[sector] = bytes;
        }
    }

    /**
     * What a sector shows, if it shows the same with a part of it overwritten; else null.
     *
     * @param at where in the bytes those for the sector's first byte are, or would be
     * @param from where in the sector the part begins
     * @param to where it ends
     */
    byte @Nullable [] shownWith(int sector, MemorySegment bytes, long at, int from, int to) {
        long start = (long) sector * sectorSize;
        long different = MemorySegment.mismatch(bytes, at + from, at + to, segment, start + from, start + to);
        return different < 0 ? shown[sector] : null;
    }

    /** Copies what a sector shows. */
    void copyTo(int sector, byte[] target) {
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, (long) sector * sectorSize, target, 0, sectorSize);
    }
}
