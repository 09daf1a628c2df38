package io.sietch.bench.log;

import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogOptions;
import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.Extent;
import io.sietch.vsic.MappedFileMedia;
import io.sietch.vsic.MappedFileOptions;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The core of our log, owned by the one thread that appends, which also polls the controller: what redis-lite does in
 * its loop. The area is fixed; what is old is trimmed.
 */
final class SietchCoreLog implements LogContender {
    private static final long DURABLE_AREA = 1L << 28;
    private static final long ACCEPTED_AREA = 1L << 30;
    private static final int RECORDS_A_TURN = 1024;

    private final MappedFileMedia media;
    private final StorageController controller;
    private final LogCore core;
    private final boolean durable;
    private final long trimBelow;
    private int sinceTurn;

    SietchCoreLog(Path directory, Promise promise) throws IOException {
        durable = promise == Promise.DURABLE;
        long size = durable ? DURABLE_AREA : ACCEPTED_AREA;
        trimBelow = size / 2;
        media = MappedFileMedia.create(directory.resolve("device"), size, MappedFileOptions.DEFAULTS, fresh -> {});
        // Whoever waits for each flush loses nothing by running it; whoever does not wait leaves it to another thread.
        controller = new StorageController(
                media,
                ControllerOptions.DEFAULTS.withFlushing(
                        durable ? ControllerOptions.Flushing.INLINE : ControllerOptions.Flushing.THREAD));
        Vsic vsic = controller.createVsic("bench", VsicOptions.DEFAULTS);
        Vsa area = controller.attach(vsic, 1, List.of(new Extent(0, size)), Rights.READ_WRITE);
        core = LogCore.open(vsic, area, controller, Waiter.BUSY, LogOptions.DEFAULTS);
    }

    @Override
    public Writer writer() {
        return durable ? this::appendDurably : this::appendOnly;
    }

    private void appendDurably(Payload payload) {
        long end = append(payload);
        core.commit();
        while (core.durable() < end) {
            turn();
        }
    }

    private void appendOnly(Payload payload) {
        append(payload);
        if (++sinceTurn == RECORDS_A_TURN) {
            sinceTurn = 0;
            core.submit();
            turn();
        }
    }

    private long append(Payload payload) {
        long end;
        while ((end = core.append(payload.segment(), 0, payload.length())) < 0) {
            turn();
        }
        return end;
    }

    private void turn() {
        if (core.freeBytes() < trimBelow) {
            core.commit();
            core.trim(core.durable());
        }
        controller.poll();
        core.poll();
        if (core.isFailed()) {
            throw new IllegalStateException("the log failed");
        }
    }

    @Override
    public void drain() {
        core.submit();
        while (core.written() < core.appended()) {
            turn();
        }
    }

    @Override
    public void close() throws IOException {
        core.close();
        controller.close();
        media.close();
    }
}
