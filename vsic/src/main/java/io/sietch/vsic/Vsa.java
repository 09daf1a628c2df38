package io.sietch.vsic;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A virtual storage area as its owner holds it: an opaque handle with size, block size and rights. Where the area lies
 * is known to the {@link StorageController} and the control plane alone.
 *
 * <p>Threads: the control plane attaches, resizes and revokes on the thread that polls the controller. The accessors and
 * {@link #view} may be called from any thread.
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

    /** An extent with its place in the area and the window that the owner reads it through. */
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
     * How many bytes from {@code offset} on one {@link #view} can show: up to the end of the extent that holds it.
     *
     * @throws IndexOutOfBoundsException if the offset is outside the area
     */
    public long contiguousFrom(long offset) {
        return mappingOf(offset).end() - offset;
    }

    /**
     * A read-only window on the owner's bytes, without copying. Shows a write as soon as its command completed.
     * Revocation or shrinking takes it away: an access then throws {@link IllegalStateException}.
     *
     * @throws IndexOutOfBoundsException if the range leaves the area, or the extent (see {@link #contiguousFrom})
     * @throws IllegalStateException if the area was revoked
     */
    public MemorySegment view(long offset, long length) {
        Mapping mapping = mappingOf(offset);
        if (length < 0 || length > mapping.end() - offset) {
            throw new IndexOutOfBoundsException("view of " + length + " bytes at " + offset + " of area " + id
                    + ": " + (mapping.end() - offset) + " bytes lie together there");
        }
        return mapping.view.asSlice(offset - mapping.start, length);
    }

    private Mapping mappingOf(long offset) {
        if (revoked) {
            throw new IllegalStateException("area " + id + " was revoked");
        }
        for (Mapping mapping : mappings) {
            if (offset >= mapping.start && offset < mapping.end()) {
                return mapping;
            }
        }
        throw new IndexOutOfBoundsException("offset " + offset + " of area " + id + ", which has " + size + " bytes");
    }

    Vsic owner() {
        return owner;
    }

    /** Puts other extents in place of the present ones. Windows on extents that stay as they are stay valid. */
    @SuppressWarnings("MustBeClosedChecker") // closed by closeUnlessKept, when the extent goes
    void replaceExtents(List<Extent> extents) throws IOException {
        Mapping[] old = mappings;
        Mapping[] next = new Mapping[extents.size()];
        long start = 0;
        for (int i = 0; i < next.length; i++) {
            Extent extent = extents.get(i);
            if (extent.offset() % blockSize != 0 || extent.length() % blockSize != 0 || extent.end() > media.size()) {
                closeUnlessKept(next, old);
                throw new IllegalArgumentException(
                        extent + " on a medium of " + media.size() + " bytes in blocks of " + blockSize);
            }
            if (i < old.length && old[i].extent.equals(extent)) {
                next[i] = old[i];
            } else {
                Arena arena = Arena.ofShared();
                try {
                    next[i] = new Mapping(start, extent, arena, media.view(extent.offset(), extent.length(), arena));
                } catch (IOException e) {
                    arena.close();
                    closeUnlessKept(next, old);
                    throw e;
                }
            }
            start += extent.length();
        }
        mappings = next;
        size = start;
        closeUnlessKept(old, next);
    }

    private static void closeUnlessKept(Mapping[] mappings, Mapping[] kept) {
        for (int i = 0; i < mappings.length; i++) {
            if (mappings[i] != null && !(i < kept.length && kept[i] == mappings[i])) {
                mappings[i].arena.close();
            }
        }
    }

    void revoke() {
        if (!revoked) {
            revoked = true;
            closeUnlessKept(mappings, new Mapping[0]);
            mappings = new Mapping[0];
        }
    }

    // ---- device side -------------------------------------------------------------------------------------------

    boolean contains(long offset, long length) {
        // Subtraction cannot overflow where the sum could.
        return offset >= 0 && length >= 0 && offset <= size && length <= size - offset;
    }

    /** Moves bytes extent by extent. The range was checked. */
    void transfer(Opcode opcode, long offset, DmaBuffer buffer, int bufferOffset, int length) throws IOException {
        int done = 0;
        for (Mapping mapping : mappings) {
            if (done == length) {
                return;
            }
            long at = offset + done;
            if (at >= mapping.end()) {
                continue;
            }
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
