package io.sietch.bench.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** No store at all: what the disk gives to one thread that writes and flushes in space that was written before. */
final class RawStore implements Store {
    private static final int AREA_BYTES = 32 << 20;

    private final FileChannel channel;
    private long position;

    RawStore(Path directory, Setup setup) throws IOException {
        this.channel =
                FileChannel.open(directory.resolve("raw.dat"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        channel.write(ByteBuffer.allocate(AREA_BYTES), 0);
        channel.force(true);
    }

    @Override
    public Worker worker() {
        return new Worker() {
            private final ByteBuffer entry = ByteBuffer.allocateDirect(1 << 16);

            @Override
            public byte @Nullable [] get(byte[] key) {
                throw new UnsupportedOperationException("a raw loop finds nothing");
            }

            @Override
            public void put(byte[] key, byte[] value) throws IOException {
                entry.clear().put(key).put(value).flip();
                if (position + entry.remaining() > AREA_BYTES) {
                    position = 0;
                }
                position += channel.write(entry, position);
                channel.force(false);
            }
        };
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
