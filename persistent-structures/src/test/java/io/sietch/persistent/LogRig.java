package io.sietch.persistent;

import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.Extent;
import io.sietch.vsic.Media;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A medium, a controller and a log on one thread, with time and randomness of the test's. */
final class LogRig {
    static final long AREA_ID = 7;
    static final int SEGMENT = 64 << 10;

    final Media media;
    long now;
    StorageController controller;
    Vsic vsic;
    Vsa area;
    LogOptions options = LogOptions.DEFAULTS
            .withSegmentBytes(SEGMENT)
            .withBatches(3, 16 << 10)
            .withEagerBytes(8 << 10)
            .withClock(() -> now)
            .withSalts(() -> 0x5a17L);
    Rights rights = Rights.READ_WRITE;
    VsicOptions queue = VsicOptions.DEFAULTS;
    long areaId = AREA_ID;
    List<Extent> extents;

    LogRig(Media media) {
        this.media = media;
        this.extents = List.of(new Extent(0, media.size()));
        this.controller = new StorageController(media, ControllerOptions.inline(() -> now));
        this.vsic = controller.createVsic("unused", VsicOptions.DEFAULTS);
        this.area = attach();
    }

    private Vsa attach() {
        try {
            return controller.attach(vsic, areaId, extents, rights);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Attaches anew, as after a restart, and opens. */
    LogCore open() throws IOException {
        controller = new StorageController(media, ControllerOptions.inline(() -> now));
        vsic = controller.createVsic("log", queue);
        area = attach();
        return LogCore.open(vsic, area, controller, Waiter.BUSY, options);
    }

    /** Polls until nothing moves. */
    void settle(LogCore log) {
        while (log.poll() + controller.poll() > 0) {
            now++;
        }
    }

    void commit(LogCore log) {
        log.commit();
        settle(log);
    }

    /** Appends, polling while the log is busy. */
    long append(LogCore log, byte[] payload) {
        while (true) {
            long end = log.append(MemorySegment.ofArray(payload), 0, payload.length);
            if (end != LogCore.BUSY) {
                return end;
            }
            log.poll();
            controller.poll();
        }
    }

    long appendDurably(LogCore log, byte[] payload) {
        long end = append(log, payload);
        commit(log);
        return end;
    }

    /** Bytes that tell which record they are of. */
    static byte[] payload(int number, int length) {
        byte[] bytes = new byte[length];
        new Random(number * 31L + length).nextBytes(bytes);
        return bytes;
    }

    static byte[] copy(LogCursor cursor) {
        return cursor.segment()
                .asSlice(cursor.offset(), cursor.length())
                .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    /** All records from a position on. */
    static List<byte[]> read(LogCore log, long from) {
        List<byte[]> records = new ArrayList<>();
        LogCursor cursor = log.cursor(from);
        while (cursor.next()) {
            records.add(copy(cursor));
        }
        return records;
    }
}
