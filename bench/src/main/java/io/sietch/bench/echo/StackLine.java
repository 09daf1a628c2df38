package io.sietch.bench.echo;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.sietch.net.Stack;
import io.sietch.net.StackOptions;
import io.sietch.net.UdpSocket;
import io.sietch.vnic.SharedVnic;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.function.LongConsumer;

/** A client on a stack of its own, over shared memory. */
final class StackLine implements EchoLine {
    private final SharedVnic shared;
    private final Stack stack;
    private final UdpSocket socket;
    private final MemorySegment out = MemorySegment.ofArray(new byte[BYTES]);
    private LongConsumer numbers = number -> {};

    StackLine(Path door) throws IOException {
        this.shared = SharedVnic.connect(door);
        this.stack = new Stack(
                shared.vnic(), shared.vnic().address(), StackOptions.DEFAULTS, new SecureRandom(), System.nanoTime());
        this.socket = stack.bind(0, this::take);
    }

    private void take(UdpSocket from, int address, int port, MemorySegment memory, long offset, int length) {
        if (length == BYTES) {
            numbers.accept(memory.get(JAVA_LONG_UNALIGNED, offset));
        }
    }

    @Override
    public boolean send(long number) {
        out.set(JAVA_LONG_UNALIGNED, 0, number);
        return socket.send(shared.serverAddress(), EchoServer.PORT, out, 0, BYTES);
    }

    @Override
    public void receive(LongConsumer consumer) {
        numbers = consumer;
        stack.poll(System.nanoTime());
    }

    @Override
    public void close() throws IOException {
        shared.close();
    }
}
