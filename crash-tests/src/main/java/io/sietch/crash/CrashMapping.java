package io.sietch.crash;

import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.Extent;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;

/**
 * A {@link CrashMedia} as memory, for code that stores straight into a mapping (model M5): until its page is forced,
 * each word of 8 bytes may hold after a power loss any value that it was seen to hold since.
 *
 * <p>The code under test gets {@link #segment}, and calls {@link #force} where it would call
 * {@link MemorySegment#force}, which works for files only. When it changed a word nobody is told; the mapping looks for
 * itself: when it forces, when an operation is attempted or acknowledged, when the work of a life is over, and when it
 * is told to. Of a word that was stored to twice between two looks, it knows the last value; {@link #observe} after a
 * store makes it see that one, too. What was stored to is never missed.
 *
 * <p>Threads: one.
 */
public final class CrashMapping {
    /** What is forced as one, in bytes: a page. */
    public static final int PAGE = 4096;

    private final CrashMedia media;
    private final MemorySegment segment;
    /** What the segment held when it was last looked at. */
    private final MemorySegment known;

    private CrashMapping(CrashMedia media) throws IOException {
        this.media = media;
        DmaBuffer buffer = DmaBuffer.allocate((int) media.size(), PAGE, Arena.ofAuto());
        media.read(0, buffer, 0, buffer.size());
        this.segment = buffer.segment();
        this.known = Arena.ofAuto().allocate(media.size(), Long.BYTES).copyFrom(segment);
    }

    /**
     * The shape of a medium to be mapped, in sectors of one word.
     *
     * @param size in bytes, a multiple of {@link #PAGE}
     */
    public static CrashGeometry geometry(long size) {
        if (size % PAGE != 0) {
            throw new IllegalArgumentException("a mapping of " + size + " bytes is not in pages of " + PAGE);
        }
        // A word is stored whole or not at all, so none is ever damaged.
        return new CrashGeometry(size, size, Long.BYTES, Long.BYTES, size);
    }

    /**
     * Maps a whole medium. Only one mapping of a medium is looked at.
     *
     * @throws IOException if the medium cannot be read
     */
    public static CrashMapping of(CrashMedia media) throws IOException {
        if (media.geometry().sectorSize() != Long.BYTES) {
            throw new IllegalArgumentException("a mapping needs a medium in sectors of " + Long.BYTES
                    + " bytes, see CrashMapping.geometry; this one has sectors of "
                    + media.geometry().sectorSize());
        }
        CrashMapping mapping = new CrashMapping(media);
        media.observeWith(mapping::observe);
        media.describeWith(at -> "word " + at % PAGE / Long.BYTES + " of page " + at / PAGE);
        return mapping;
    }

    /** The memory, as long as the medium. Stores into it are seen as described above. */
    public MemorySegment segment() {
        return segment;
    }

    /** Makes all that was stored durable. */
    public void force() throws IOException {
        force(0, segment.byteSize());
    }

    /**
     * Makes durable what was stored to the pages in which a range lies.
     *
     * @throws IOException if the medium says so; then none of it may be relied on
     */
    public void force(long offset, long length) throws IOException {
        Objects.checkFromIndexSize(offset, length, segment.byteSize());
        observe();
        if (length > 0) {
            long from = offset / PAGE * PAGE;
            long to = Math.ceilDiv(offset + length, (long) PAGE) * PAGE;
            media.flushOnly(List.of(new Extent(from, to - from)));
        }
    }

    /** Looks which words were stored to. */
    public void observe() {
        for (long at = segment.mismatch(known); at >= 0; ) {
            long from = at / Long.BYTES * Long.BYTES;
            long to = from + Long.BYTES;
            while (to < segment.byteSize() && word(segment, to) != word(known, to)) {
                to += Long.BYTES;
            }
            MemorySegment changed = segment.asSlice(from, to - from);
            known.asSlice(from, to - from).copyFrom(changed);
            media.stored(from, changed);
            long next = segment.asSlice(to).mismatch(known.asSlice(to));
            at = next < 0 ? -1 : to + next;
        }
    }

    private static long word(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_LONG, at);
    }
}
