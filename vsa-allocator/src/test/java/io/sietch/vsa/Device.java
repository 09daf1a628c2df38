package io.sietch.vsa;

import io.sietch.vsic.BlockingIo;
import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.LatencyModel;
import io.sietch.vsic.Media;
import io.sietch.vsic.RamMedia;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A medium with all that stands on it, on one thread. Closing and opening it again is what a restart does. */
final class Device implements AutoCloseable {
    static final int UNIT = 4096;
    static final int REGION = CatalogueFormat.REGION_BYTES;

    final Media media;
    final StorageController controller;
    final ControlPlane plane;
    final Vsic vsic;
    private final BlockingIo io;
    private long now;
    private final DmaBuffer buffer;

    Device(Media media, GrowthPolicy growth) throws IOException {
        this.media = media;
        this.controller = new StorageController(media, ControllerOptions.inline(this::now));
        this.plane = ControlPlane.open(controller, Waiter.BUSY, growth);
        this.vsic = controller.createVsic("test", VsicOptions.DEFAULTS);
        this.io = new BlockingIo(vsic, controller, Waiter.BUSY);
        this.buffer = DmaBuffer.allocate(64 * 1024, media.blockSize(), Arena.ofAuto());
    }

    /** Time that goes on whenever somebody looks, so that nobody waits for ever. */
    private long now() {
        now += 1_000_000;
        return now;
    }

    /** A new device in memory with so many units for areas, that may not grow. */
    static Device withUnits(int units) throws IOException {
        return new Device(formatted(units, units), GrowthPolicy.NEVER);
    }

    static RamMedia formatted(int units, int maxUnits) throws IOException {
        RamMedia media = blank(units, maxUnits);
        ControlPlane.format(media, UNIT);
        return media;
    }

    static RamMedia blank(int units, int maxUnits) {
        return new RamMedia(REGION + (long) units * UNIT, REGION + (long) maxUnits * UNIT, 4096, LatencyModel.NONE);
    }

    Device reopen() throws IOException {
        return reopen(GrowthPolicy.NEVER);
    }

    Device reopen(GrowthPolicy growth) throws IOException {
        stop();
        return new Device(media, growth);
    }

    Vsa open(String name) throws IOException {
        return plane.open(name, vsic, Rights.READ_WRITE);
    }

    /** Fills a range of an open area with one byte. */
    void fill(Vsa area, long offset, long length, int value) throws IOException {
        buffer.segment().fill((byte) value);
        for (long at = offset; at < offset + length; at += buffer.size()) {
            io.write(area, at, buffer, 0, (int) Math.min(buffer.size(), offset + length - at));
        }
    }

    void flush(Vsa area) throws IOException {
        io.flush(area);
    }

    /** Whether a range of an open area holds that byte only, read by commands. */
    boolean holds(Vsa area, long offset, long length, int value) throws IOException {
        for (long at = offset; at < offset + length; at += buffer.size()) {
            int part = (int) Math.min(buffer.size(), offset + length - at);
            io.read(area, at, buffer, 0, part);
            if (!holds(buffer.segment().asSlice(0, part), value)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a segment holds that byte only. */
    static boolean holds(MemorySegment segment, int value) {
        for (long i = 0; i < segment.byteSize(); i++) {
            if (segment.get(ValueLayout.JAVA_BYTE, i) != (byte) value) {
                return false;
            }
        }
        return true;
    }

    /** Ends what runs on the medium, as a restart does. */
    void stop() {
        controller.close();
    }

    @Override
    public void close() throws IOException {
        controller.close();
        media.close();
    }
}
