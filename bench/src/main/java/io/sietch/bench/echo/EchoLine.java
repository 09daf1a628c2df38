package io.sietch.bench.echo;

import java.io.IOException;
import java.util.function.LongConsumer;

/** A client's end: sends datagrams that carry a number, and hands out the numbers that come back. Thread: one. */
interface EchoLine extends AutoCloseable {
    /** What a datagram is long. */
    int BYTES = 64;

    /** Returns false if there is no room now. */
    boolean send(long number) throws IOException;

    /** Takes what has come. Never waits. */
    void receive(LongConsumer numbers) throws IOException;

    @Override
    void close() throws IOException;
}
