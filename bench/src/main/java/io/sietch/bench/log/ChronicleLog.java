package io.sietch.bench.log;

import java.nio.file.Path;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * Chronicle Queue with its defaults. Its {@code sync()} asks the kernel for nothing unless the sync mode is set, so the
 * durable variant sets it.
 */
final class ChronicleLog implements LogContender {
    private final ChronicleQueue queue;
    private final boolean sync;

    ChronicleLog(Path directory, Promise promise) {
        this.sync = promise == Promise.DURABLE;
        SingleChronicleQueueBuilder builder =
                SingleChronicleQueueBuilder.single(directory.resolve("queue").toFile());
        if (sync) {
            builder.syncMode(SyncMode.SYNC);
        }
        this.queue = builder.build();
    }

    @Override
    @SuppressWarnings("resource") // the queue closes its appenders
    public Writer writer() {
        ExcerptAppender appender = queue.createAppender();
        return payload -> {
            try (DocumentContext document = appender.writingDocument()) {
                var wire = document.wire();
                if (wire == null) {
                    throw new IllegalStateException("Chronicle Queue gave a document without a wire");
                }
                wire.bytes().write(payload.bytes());
            }
            if (sync) {
                appender.sync();
            }
        };
    }

    @Override
    public void close() {
        queue.close();
    }
}
