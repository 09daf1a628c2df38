package io.sietch.net;

import java.lang.foreign.MemorySegment;

/** A received segment, taken apart. One object is used again and again; the payload stays where it is. */
final class TcpSegment {
    static final int NONE = -1;
    private static final int MAX_BLOCKS = 4;

    MemorySegment memory = MemorySegment.NULL;
    int sourcePort;
    int destinationPort;
    int sequence;
    int acknowledgement;
    int flags;
    int window;
    long payloadAt;
    int payloadBytes;

    int mss;
    int scale;
    boolean sackPermitted;
    boolean hasTimestamps;
    int timestamp;
    int timestampEcho;
    int blocks;
    final int[] lefts = new int[MAX_BLOCKS];
    final int[] rights = new int[MAX_BLOCKS];

    /** Returns false if there is no whole header. */
    boolean parse(MemorySegment frame, long at, int length) {
        if (length < TcpFormat.BYTES) {
            return false;
        }
        int headerBytes = TcpFormat.headerBytes(frame, at);
        if (headerBytes < TcpFormat.BYTES || headerBytes > length) {
            return false;
        }
        memory = frame;
        sourcePort = TcpFormat.sourcePort(frame, at);
        destinationPort = TcpFormat.destinationPort(frame, at);
        sequence = TcpFormat.sequence(frame, at);
        acknowledgement = TcpFormat.acknowledgement(frame, at);
        flags = TcpFormat.flags(frame, at);
        window = TcpFormat.window(frame, at);
        payloadAt = at + headerBytes;
        payloadBytes = length - headerBytes;
        mss = NONE;
        scale = NONE;
        sackPermitted = false;
        hasTimestamps = false;
        blocks = 0;
        parseOptions(at + TcpFormat.BYTES, at + headerBytes);
        return true;
    }

    /** In any order; unknown ones are skipped by their length, and one whose length is impossible ends the options. */
    private void parseOptions(long from, long end) {
        long at = from;
        while (at < end) {
            int kind = NetBytes.u8(memory, at);
            if (kind == TcpFormat.OPTION_END) {
                return;
            }
            if (kind == TcpFormat.OPTION_NOP) {
                at++;
                continue;
            }
            int length = at + 1 < end ? NetBytes.u8(memory, at + 1) : 0;
            if (length < 2 || at + length > end) {
                return;
            }
            parseOption(kind, length, at);
            at += length;
        }
    }

    private void parseOption(int kind, int length, long at) {
        switch (kind) {
            case TcpFormat.OPTION_MSS -> mss = length == 4 ? NetBytes.u16(memory, at + 2) : mss;
            case TcpFormat.OPTION_SCALE -> scale = length == 3 ? NetBytes.u8(memory, at + 2) : scale;
            case TcpFormat.OPTION_SACK_PERMITTED -> sackPermitted |= length == 2;
            case TcpFormat.OPTION_SACK -> parseBlocks(length, at);
            case TcpFormat.OPTION_TIMESTAMPS -> {
                if (length == 10) {
                    hasTimestamps = true;
                    timestamp = NetBytes.i32(memory, at + 2);
                    timestampEcho = NetBytes.i32(memory, at + 6);
                }
            }
            default -> {
                // not known
            }
        }
    }

    private void parseBlocks(int length, long at) {
        for (int i = 0; i < MAX_BLOCKS && 2 + 8 * (i + 1) <= length; i++) {
            lefts[i] = NetBytes.i32(memory, at + 2 + 8 * i);
            rights[i] = NetBytes.i32(memory, at + 6 + 8 * i);
            blocks = i + 1;
        }
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** How much of the sequence space it takes. */
    int sequenceBytes() {
        return payloadBytes + (has(TcpFormat.SYN) ? 1 : 0) + (has(TcpFormat.FIN) ? 1 : 0);
    }
}
