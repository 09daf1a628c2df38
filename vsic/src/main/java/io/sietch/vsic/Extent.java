package io.sietch.vsic;

/**
 * A contiguous range of the medium. Known to the control plane and the controller only; the owner of an area sees
 * offsets that start at zero.
 *
 * @param offset first byte on the medium, a multiple of the block size
 * @param length bytes, a positive multiple of the block size
 */
public record Extent(long offset, long length) {
    public Extent {
        if (offset < 0 || length <= 0 || offset + length < 0) {
            throw new IllegalArgumentException("extent of " + length + " bytes at " + offset);
        }
    }

    /** The first byte after this extent. */
    public long end() {
        return offset + length;
    }
}
