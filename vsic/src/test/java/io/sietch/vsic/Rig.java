package io.sietch.vsic;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A controller that is polled by the test, with what a test needs around it. Blocks of 4 KiB. */
final class Rig implements AutoCloseable {
    static final int BLOCK = 4096;

    // Thousands of provoked failures would drown the one that was not.
    private static final Logger QUIET = Logger.getLogger(Rig.class.getPackageName());

    static {
        beQuiet();
    }

    /** Silences the log of the room. */
    static void beQuiet() {
        QUIET.setLevel(Level.OFF);
    }

    final Arena arena = Arena.ofShared();
    final ManualClock clock = new ManualClock();
    final Media media;
    final StorageController controller;
    private int areas;

    Rig(Media media, ControllerOptions.Flushing flushing) {
        this.media = media;
        this.controller = new StorageController(
                media, ControllerOptions.inline(clock).withFlushing(flushing).withWaiter(new ParkWaiter()));
    }

    Rig(Media media) {
        this(media, ControllerOptions.Flushing.INLINE);
    }

    Rig(long blocks) {
        this(new RamMedia(blocks * BLOCK));
    }

    Vsic vsic(int depth) {
        return controller.createVsic("test", VsicOptions.DEFAULTS.withDepth(depth));
    }

    Vsic vsic(RateLimit limit) {
        return controller.createVsic("test", VsicOptions.DEFAULTS.withRateLimit(limit));
    }

    /** An area in one extent. */
    Vsa area(Vsic vsic, long firstBlock, long blocks) throws IOException {
        return area(vsic, Rights.READ_WRITE, blocks(firstBlock, blocks));
    }

    Vsa area(Vsic vsic, Rights rights, Extent... extents) throws IOException {
        return controller.attach(vsic, ++areas, List.of(extents), rights);
    }

    static Extent blocks(long firstBlock, long blocks) {
        return new Extent(firstBlock * BLOCK, blocks * BLOCK);
    }

    DmaBuffer buffer(int blocks) {
        return DmaBuffer.allocate(blocks * BLOCK, BLOCK, arena);
    }

    DmaBuffer filled(int blocks, int value) {
        DmaBuffer buffer = buffer(blocks);
        buffer.segment().fill((byte) value);
        return buffer;
    }

    /** All bytes of the medium. */
    byte[] image() throws IOException {
        try (Arena window = Arena.ofShared()) {
            return media.view(0, media.size(), window).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    static byte[] bytes(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }

    /** Polls device and queue until there is nothing left to do at the present time. */
    void settle(Vsic vsic, CompletionHandler handler) {
        while (controller.poll() + vsic.poll(handler, Integer.MAX_VALUE) > 0) {
            // goes on
        }
    }

    /** As {@link #settle}, waiting for the flusher's thread, until nothing is under way. */
    void finish(Vsic vsic, CompletionHandler handler) {
        for (int i = 0; vsic.inFlight() > 0; i++) {
            if (i == 1_000_000) {
                throw new AssertionError(vsic.inFlight() + " commands never complete");
            }
            settle(vsic, handler);
            Thread.onSpinWait();
            if (i > 1000) {
                Thread.yield();
            }
        }
    }

    /** Runs the one command that was just submitted, and says how it ended. */
    Status run(Vsic vsic, boolean submitted) {
        if (!submitted) {
            throw new AssertionError("queue is full");
        }
        Completions completions = new Completions();
        finish(vsic, completions);
        return completions.seen.getLast().status();
    }

    Status write(Vsic vsic, Vsa area, long block, DmaBuffer buffer) {
        return run(vsic, vsic.write(area, block * BLOCK, buffer, 0, buffer.size(), 1));
    }

    Status read(Vsic vsic, Vsa area, long block, DmaBuffer buffer) {
        return run(vsic, vsic.read(area, block * BLOCK, buffer, 0, buffer.size(), 2));
    }

    Status flush(Vsic vsic, Vsa area) {
        return run(vsic, vsic.flush(area, 3));
    }

    @Override
    public void close() throws IOException {
        controller.close();
        media.close();
        arena.close();
    }
}
