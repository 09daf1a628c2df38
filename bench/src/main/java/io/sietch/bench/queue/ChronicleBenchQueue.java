package io.sietch.bench.queue;

import io.sietch.bench.queue.QueueCase.Promise;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;

/**
 * Chronicle Queue, with a named tailer: its place is kept in a file that is never flushed. Where taking has to be
 * durable, the place is appended to a second queue too, which is how its users do it. Nothing is ever removed.
 */
final class ChronicleBenchQueue implements BenchQueue {
    private final ChronicleQueue queue;
    private final @Nullable ChronicleQueue places;
    private final boolean sync;

    ChronicleBenchQueue(Path directory, Promise promise) {
        this.sync = promise != Promise.NOBODY_WAITS;
        this.queue = open(directory.resolve("queue"));
        this.places = promise == Promise.DURABLE ? open(directory.resolve("places")) : null;
    }

    private ChronicleQueue open(Path directory) {
        SingleChronicleQueueBuilder builder = SingleChronicleQueueBuilder.single(directory.toFile());
        if (sync) {
            builder.syncMode(SyncMode.SYNC);
        }
        return builder.build();
    }

    private void append(ExcerptAppender appender, byte[] item) {
        try (DocumentContext document = appender.writingDocument()) {
            var wire = document.wire();
            if (wire == null) {
                throw new IllegalStateException("Chronicle Queue gave a document without a wire");
            }
            wire.bytes().write(item);
        }
        if (sync) {
            appender.sync();
        }
    }

    @Override
    @SuppressWarnings("resource") // the queues close their appenders and tailers
    public Worker worker() {
        ExcerptAppender appender = queue.createAppender();
        ExcerptTailer tailer = queue.createTailer("bench");
        ExcerptAppender placeAppender = places == null ? null : places.createAppender();
        return new Worker() {
            private final byte[] place = new byte[Long.BYTES];
            private byte[] target = new byte[0];

            @Override
            public void offer(byte[] item) {
                append(appender, item);
            }

            @Override
            public int poll(int max) {
                int count = 0;
                while (count < max && read()) {
                    count++;
                }
                if (count > 0 && placeAppender != null) {
                    ByteBuffer.wrap(place).putLong(tailer.index());
                    append(placeAppender, place);
                }
                return count;
            }

            private boolean read() {
                try (DocumentContext document = tailer.readingDocument()) {
                    var wire = document.wire();
                    if (!document.isPresent() || wire == null) {
                        return false;
                    }
                    int length = (int) wire.bytes().readRemaining();
                    if (target.length != length) {
                        target = new byte[length];
                    }
                    wire.bytes().read(target);
                    return true;
                }
            }
        };
    }

    @Override
    public void close() {
        queue.close();
        if (places != null) {
            places.close();
        }
    }
}
