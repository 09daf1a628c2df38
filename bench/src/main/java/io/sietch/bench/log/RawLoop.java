package io.sietch.bench.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The floor: a file full of zeros, and for each record a positional write of one block of 4 KiB and {@code fdatasync}.
 * No format, no checksum, no recovery; one thread.
 */
final class RawLoop implements LogContender {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 1 << 14;

    private final FileChannel channel;
    private final ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
    private long next;

    RawLoop(Path directory) throws IOException {
        channel = FileChannel.open(
                directory.resolve("raw"),
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE_NEW);
        for (long i = 0; i < BLOCKS; i++) {
            writeBlock(i);
        }
        channel.force(true);
    }

    private void writeBlock(long index) throws IOException {
        block.clear();
        long at = index * BLOCK;
        while (block.hasRemaining()) {
            at += channel.write(block, at);
        }
    }

    @Override
    public Writer writer() {
        return payload -> {
            block.put(0, payload.bytes());
            writeBlock(next++ % BLOCKS);
            channel.force(false);
        };
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
