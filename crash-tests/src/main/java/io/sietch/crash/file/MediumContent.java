package io.sietch.crash.file;

import io.sietch.crash.CrashMedia;
import io.sietch.vsic.DmaBuffer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** A whole medium as a file that is as long as it will ever be. */
final class MediumContent implements Content {
    private final CrashMedia media;
    private DmaBuffer scratch = DmaBuffer.allocate(4096, 64, Arena.ofAuto());

    MediumContent(CrashMedia media) {
        if (media.blockSize() != 1) {
            throw new IllegalArgumentException("a channel writes bytes, and this medium has blocks of "
                    + media.blockSize() + " bytes: see CrashFiles.geometry");
        }
        this.media = media;
    }

    private DmaBuffer scratch(int length) {
        if (scratch.size() < length) {
            scratch = DmaBuffer.allocate(Integer.highestOneBit(length - 1) << 1, 64, Arena.ofAuto());
        }
        return scratch;
    }

    @Override
    public long size() {
        return media.size();
    }

    @Override
    public synchronized int read(long position, ByteBuffer target) throws IOException {
        if (position >= media.size()) {
            return -1;
        }
        int length = (int) Math.min(target.remaining(), media.size() - position);
        DmaBuffer buffer = scratch(length);
        media.read(position, buffer, 0, length);
        target.put(buffer.segment().asSlice(0, length).asByteBuffer());
        return length;
    }

    @Override
    public synchronized int write(long position, ByteBuffer source) throws IOException {
        int length = source.remaining();
        if (length > media.size() - position) {
            throw new IOException(
                    "no room for " + length + " bytes at " + position + " of a medium of " + media.size() + " bytes");
        }
        if (length > 0) {
            DmaBuffer buffer = scratch(length);
            MemorySegment.copy(MemorySegment.ofBuffer(source), 0, buffer.segment(), 0, length);
            media.write(position, buffer, 0, length);
            source.position(source.limit());
        }
        return length;
    }

    @Override
    public void truncate(long size) throws IOException {
        if (size < media.size()) {
            throw new IOException("a medium of " + media.size() + " bytes cannot be cut to " + size);
        }
    }

    @Override
    public void sync() throws IOException {
        media.flush();
    }

    @Override
    public void closed() {
        // The medium outlives its channels.
    }
}
