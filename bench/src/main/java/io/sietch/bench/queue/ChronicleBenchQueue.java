package io.sietch.bench.queue;

import java.nio.file.Path;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;

/** Chronicle Queue, with a named tailer: its place is kept in a file, but never flushed. Nothing is ever removed. */
final class ChronicleBenchQueue implements BenchQueue {
    private final ChronicleQueue queue;
    private final boolean sync;

    ChronicleBenchQueue(Path directory, boolean durable) {
        this.sync = durable;
        SingleChronicleQueueBuilder builder =
                SingleChronicleQueueBuilder.single(directory.resolve("queue").toFile());
        if (sync) {
            builder.syncMode(SyncMode.SYNC);
        }
        this.queue = builder.build();
    }

    @Override
    @SuppressWarnings("resource") // the queue closes its appenders and tailers
    public Worker worker() {
        ExcerptAppender appender = queue.createAppender();
        ExcerptTailer tailer = queue.createTailer("bench");
        return new Worker() {
            private byte[] target = new byte[0];

            @Override
            public void offer(byte[] item) {
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
            public int poll(int max) {
                int count = 0;
                while (count < max) {
                    try (DocumentContext document = tailer.readingDocument()) {
                        var wire = document.wire();
                        if (!document.isPresent() || wire == null) {
                            return count;
                        }
                        int length = (int) wire.bytes().readRemaining();
                        if (target.length != length) {
                            target = new byte[length];
                        }
                        wire.bytes().read(target);
                        count++;
                    }
                }
                return count;
            }
        };
    }

    @Override
    public void close() {
        queue.close();
    }
}
