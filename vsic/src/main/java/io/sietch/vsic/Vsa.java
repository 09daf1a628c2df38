package io.sietch.vsic;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A virtual storage area as its owner holds it: an opaque handle with size, block size and rights. Where the area lies
 * is known to the {@link StorageController} and the control plane alone.
 *
 * <p>Threads: the control plane attaches, resizes and revokes on the thread that polls the controller. The accessors
 * and {@link #view} may be called from any thread.
 */
public final class Vsa {
    private final long id;
    private final int blockSize;
    private final Rights rights;
    private final Vsic owner;
    private final Media media;
    private volatile Mapping[] mappings;
    private volatile long size;
    private volatile boolean revoked;
    private volatile boolean poisoned;
    // Device thread only: writes since the last flush began, and writes that the flush under way covers.
    private boolean dirty;
    private boolean flushing;

    /** An extent, or a part of one, with its place in the area and the window that the owner reads it through. */
    private record Mapping(long start, Extent extent, Arena arena, MemorySegment view) {
        long end() {
            return start + extent.length();
        }
    }

    Vsa(long id, Vsic owner, Media media, List<Extent> extents, Rights rights) throws IOException {
        this.id = id;
        this.owner = owner;
        this.media = media;
        this.blockSize = media.blockSize();
        this.rights = rights;
        this.mappings = new Mapping[0];
        replaceExtents(extents);
    }

    /** The number that the control plane gave the area for life; bound into checksums by those who write to it. */
    public long id() {
        return id;
    }

    /** The present size in bytes, a multiple of {@link #blockSize()}. */
    public long size() {
        return size;
    }

    /** The unit of offsets and lengths in bytes. */
    public int blockSize() {
        return blockSize;
    }

    public Rights rights() {
        return rights;
    }

    /** Whether the area was taken away. It stays so; a new handle comes from the control plane. */
    public boolean isRevoked() {
        return revoked;
    }

    /** Whether a write or flush failed. Reads go on, writes and flushes are refused until the area is reopened. */
    public boolean isPoisoned() {
        return poisoned;
    }

    /**
     * How many bytes from {@code offset} on one {@link #view} can show: up to the end of the extent that holds it, or
     * to where that extent ended before the area grew.
     *
     * @throws IndexOutOfBoundsException if the offset is outside the area
     */
    public long contiguousFrom(long offset) {
        return mappingOf(offset).end() - offset;
    }

    /**
     * A read-only window on the owner's bytes, without copying. Shows a write as soon as its command completed.
     * Revocation or shrinking takes it away: an access then throws {@link IllegalStateException}. Growth leaves it
     * alone.
     *
     * @throws IndexOutOfBoundsException if the range leaves the area, or the extent (see {@link #contiguousFrom})
     * @throws IllegalStateException if the area was revoked
     */
    public MemorySegment view(long offset, long length) {
        Mapping mapping = mappingOf(offset);
        if (length < 0 || length > mapping.end() - offset) {
            throw new IndexOutOfBoundsException("view of " + length + " bytes at " + offset + " of area " + id + ": "
                    + (mapping.end() - offset) + " bytes lie together there");
        }
        return mapping.view.asSlice(offset - mapping.start, length);
    }

    private Mapping mappingOf(long offset) {
        if (revoked) {
            throw new IllegalStateException("area " + id + " was revoked");
        }
        Mapping[] present = mappings;
        int i = indexOf(present, offset);
        if (i < 0) {
            throw new IndexOutOfBoundsException(
                    "offset " + offset + " of area " + id + ", which has " + size + " bytes");
        }
        return present[i];
    }

    /** Which of the mappings holds the offset; -1 if none does. */
    private static int indexOf(Mapping[] mappings, long offset) {
        int low = 0;
        int high = mappings.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (offset < mappings[middle].start) {
                high = middle - 1;
            } else if (offset >= mappings[middle].end()) {
                low = middle + 1;
            } else {
                return middle;
            }
        }
        return -1;
    }

    Vsic owner() {
        return owner;
    }

    /**
     * Puts other extents in place of the present ones. A window stays as it is where the area still has the same bytes
     * of the medium at the same offset, also if its extent has grown; the growth gets a window of its own.
     */
    void replaceExtents(List<Extent> extents) throws IOException {
        Mapping[] old = mappings;
        List<Mapping> next = new ArrayList<>();
        List<Mapping> fresh = new ArrayList<>();
        long start = 0;
        try {
            for (Extent extent : extents) {
                requireOnMedium(extent);
                long at = extent.offset();
                while (at < extent.end()) {
                    Mapping mapping = keepable(old, start, at, extent.end());
                    if (mapping == null) {
                        mapping = map(start, new Extent(at, extent.end() - at));
                        fresh.add(mapping);
                    }
                    next.add(mapping);
                    at += mapping.extent.length();
                    start += mapping.extent.length();
                }
            }
        } catch (IOException | RuntimeException e) {
            fresh.forEach(mapping -> mapping.arena.close());
            throw e;
        }
        mappings = next.toArray(new Mapping[0]);
        size = start;
        for (Mapping mapping : old) {
            if (!next.contains(mapping)) {
                owner.controller().retire(mapping.arena);
            }
        }
    }

    private void requireOnMedium(Extent extent) {
        if (extent.offset() % blockSize != 0 || extent.length() % blockSize != 0 || extent.end() > media.size()) {
            throw new IllegalArgumentException(
                    extent + " on a medium of " + media.size() + " bytes in blocks of " + blockSize);
        }
    }

    private static @Nullable Mapping keepable(Mapping[] old, long start, long onMedia, long limit) {
        int i = indexOf(old, start);
        boolean same =
                i >= 0 && old[i].start == start && old[i].extent.offset() == onMedia && old[i].extent.end() <= limit;
        return same ? old[i] : null;
    }

    private Mapping map(long start, Extent extent) throws IOException {
        Arena arena = new WindowArena(); // closed when the area gives the extent up
        try {
            return new Mapping(start, extent, arena, media.view(extent.offset(), extent.length(), arena));
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    void revoke() {
        if (!revoked) {
            revoked = true;
            Mapping[] old = mappings;
            mappings = new Mapping[0];
            for (Mapping mapping : old) {
                owner.controller().retire(mapping.arena);
            }
        }
    }

    // ---- device side -------------------------------------------------------------------------------------------

    boolean contains(long offset, long length) {
        // Subtraction cannot overflow where the sum could.
        return offset >= 0 && length >= 0 && offset <= size && length <= size - offset;
    }

    /** Moves bytes extent by extent. The range was checked. */
    void transfer(Opcode opcode, long offset, DmaBuffer buffer, int bufferOffset, int length) throws IOException {
        Mapping[] present = mappings;
        int done = 0;
        for (int i = indexOf(present, offset); done < length; i++) {
            Mapping mapping = present[i];
            long at = offset + done;
            int part = (int) Math.min(length - done, mapping.end() - at);
            long onMedia = mapping.extent.offset() + at - mapping.start;
            if (opcode == Opcode.READ) {
                media.read(onMedia, buffer, bufferOffset + done, part);
            } else {
                media.write(onMedia, buffer, bufferOffset + done, part);
            }
            done += part;
        }
    }

    void deallocate(long offset, long length) throws IOException {
        for (Mapping mapping : mappings) {
            long from = Math.max(offset, mapping.start);
            long to = Math.min(offset + length, mapping.end());
            if (from < to) {
                media.deallocate(mapping.extent.offset() + from - mapping.start, to - from);
            }
        }
    }

    void markDirty() {
        dirty = true;
    }

    boolean hasUnflushedWrites() {
        return dirty || flushing;
    }

    void flushBegins() {
        flushing |= dirty;
        dirty = false;
    }

    void flushSucceeded() {
        flushing = false;
    }

    /** A write that came while the failing flush ran may be gone as well, so both kinds count. */
    void flushFailed() {
        if (flushing || dirty) {
            poison();
        }
        flushing = false;
    }

    void poison() {
        poisoned = true;
    }
}
