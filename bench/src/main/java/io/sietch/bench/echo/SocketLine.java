package io.sietch.bench.echo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.function.LongConsumer;

/** A client on a socket of the kernel. */
final class SocketLine implements EchoLine {
    private final DatagramChannel channel;
    private final ByteBuffer out = ByteBuffer.allocateDirect(BYTES);
    private final ByteBuffer in = ByteBuffer.allocateDirect(2 * BYTES);

    SocketLine(InetSocketAddress to) throws IOException {
        this.channel = DatagramChannel.open();
        channel.connect(to);
        channel.configureBlocking(false);
    }

    @Override
    public boolean send(long number) throws IOException {
        return channel.write(out.clear().putLong(0, number)) > 0;
    }

    @Override
    public void receive(LongConsumer numbers) throws IOException {
        while (channel.read(in.clear()) == BYTES) {
            numbers.accept(in.getLong(0));
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
