package io.sietch.vsic;

import org.jspecify.annotations.Nullable;

/** A submission queue entry. Allocated with the ring and written anew for each command. */
final class Command {
    Opcode opcode = Opcode.FLUSH;

    @Nullable
    Vsa area;

    @Nullable
    DmaBuffer buffer;

    long offset;
    long length;
    int bufferOffset;
    long tag;

    void set(
            Opcode opcode, Vsa area, long offset, @Nullable DmaBuffer buffer, int bufferOffset, long length, long tag) {
        this.opcode = opcode;
        this.area = area;
        this.offset = offset;
        this.buffer = buffer;
        this.bufferOffset = bufferOffset;
        this.length = length;
        this.tag = tag;
    }

    void copyFrom(Command other) {
        opcode = other.opcode;
        area = other.area;
        offset = other.offset;
        buffer = other.buffer;
        bufferOffset = other.bufferOffset;
        length = other.length;
        tag = other.tag;
    }
}
