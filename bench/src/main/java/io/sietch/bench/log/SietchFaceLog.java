package io.sietch.bench.log;

import io.sietch.persistent.AppendCallback;
import io.sietch.persistent.PersistentLog;
import io.sietch.persistent.Sietch;
import io.sietch.persistent.SietchOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Our log as applications use it: many threads hand over, the log's thread commits. All defaults but for the sizes. */
final class SietchFaceLog implements LogContender {
    private static final long DURABLE_AREA = 1L << 28;
    private static final long ACCEPTED_AREA = 1L << 30;
    private static final long CATALOGUE_AND_MORE = 64L << 20;

    private final Sietch sietch;
    private final PersistentLog log;
    private final boolean durable;
    private final long keep;
    private final AtomicLong trimAt = new AtomicLong();
    private final AppendCallback remember = this::appended;
    private volatile long position;
    private volatile @Nullable Throwable failure;

    SietchFaceLog(Path directory, Promise promise) throws IOException {
        durable = promise == Promise.DURABLE;
        long area = durable ? DURABLE_AREA : ACCEPTED_AREA;
        keep = area / 8;
        trimAt.set(keep);
        SietchOptions options = SietchOptions.DEFAULTS
                .withDeviceBytes(area + CATALOGUE_AND_MORE, area + CATALOGUE_AND_MORE)
                .withLogBytes(area, area);
        sietch = Sietch.open(directory, options);
        log = sietch.log("bench");
    }

    @Override
    public Writer writer() {
        return durable ? this::appendDurably : this::appendOnly;
    }

    private void appendDurably(Payload payload) throws IOException {
        trimBefore(log.appendAndWait(payload.bytes()));
    }

    private void appendOnly(Payload payload) throws IOException {
        log.append(payload.bytes(), remember);
        trimBefore(position);
    }

    /** On the log's thread. */
    private void appended(long end, @Nullable IOException refusal) {
        if (refusal == null) {
            position = end;
        } else {
            failure = refusal;
        }
    }

    /** One thread in many thousand appends trims what is old. */
    private void trimBefore(long durablePosition) throws IOException {
        long due = trimAt.get();
        if (durablePosition >= due && trimAt.compareAndSet(due, durablePosition + keep)) {
            var unused = log.trim(durablePosition);
        }
    }

    @Override
    public void drain() throws IOException {
        if (!durable) {
            log.sync().join();
        }
        Throwable refusal = failure;
        if (refusal != null) {
            throw new IOException("an append failed", refusal);
        }
    }

    @Override
    public void close() throws IOException {
        sietch.close();
    }
}
