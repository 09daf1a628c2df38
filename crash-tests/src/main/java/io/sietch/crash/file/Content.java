package io.sietch.crash.file;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What a {@link CrashFileChannel} is open on. */
interface Content {
    long size() throws IOException;

    /** Copies bytes from a position; returns how many, -1 at the end. */
    int read(long position, ByteBuffer target) throws IOException;

    /** Writes all that the buffer has left; returns how many bytes that was. */
    int write(long position, ByteBuffer source) throws IOException;

    void truncate(long size) throws IOException;

    /** Makes it durable. */
    void sync() throws IOException;

    /** The channel on it was closed. */
    void closed() throws IOException;
}
