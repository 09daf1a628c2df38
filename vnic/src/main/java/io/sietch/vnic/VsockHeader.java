package io.sietch.vnic;

import java.lang.foreign.MemorySegment;

/**
 * The header of a packet of a stream, read once from memory in which another process may change it at any time. One
 * object is used again and again.
 */
final class VsockHeader {
    long sourceCid;
    long destinationCid;
    int sourcePort;
    int destinationPort;
    int length;
    int type;
    int op;
    int flags;
    int allocated;
    int forwarded;

    void read(MemorySegment memory, long at) {
        sourceCid = VsockFormat.sourceCid(memory, at);
        destinationCid = VsockFormat.destinationCid(memory, at);
        long ports = VsockFormat.ports(memory, at);
        sourcePort = (int) ports;
        destinationPort = (int) (ports >>> 32);
        long word = VsockFormat.word(memory, at);
        length = VsockFormat.length(word);
        type = VsockFormat.type(word);
        op = VsockFormat.op(word);
        long flagsAndAllocated = VsockFormat.flagsAndAllocated(memory, at);
        flags = (int) flagsAndAllocated;
        allocated = (int) (flagsAndAllocated >>> 32);
        forwarded = VsockFormat.forwarded(memory, at);
    }
}
