package io.sietch.persistent;

/** Keeps a segment, and those behind it, from being used again while a reader on another thread is in it. */
final class ReaderPin {
    private static final long RELEASED = Long.MAX_VALUE;

    private volatile long segment;

    ReaderPin(long segment) {
        this.segment = segment;
    }

    /** The first segment that must stay. */
    long segment() {
        return segment;
    }

    /** The reader has moved on. Its thread. */
    void moveTo(long later) {
        segment = later;
    }

    /** The reader is done. */
    void release() {
        segment = RELEASED;
    }

    boolean isReleased() {
        return segment == RELEASED;
    }
}
