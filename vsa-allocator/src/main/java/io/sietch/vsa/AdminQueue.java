package io.sietch.vsa;

import io.sietch.vsic.BlockingIo;
import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.Extent;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The control plane's own VSIC: it does its I/O as everybody else does, one command at a time. While it waits, the
 * controller goes on serving the other VSICs.
 */
final class AdminQueue {
    /** Id of what is attached here. Ids of areas begin at 1. */
    static final long ADMIN_AREA_ID = 0;

    /**
     * Zeros written by one command: long enough for the medium's full rate, short enough for others to get their turn.
     */
    private static final int ZERO_CHUNK_BYTES = 256 * 1024;

    private final StorageController controller;
    private final Vsic vsic;
    private final BlockingIo io;
    private @Nullable DmaBuffer zeros;

    AdminQueue(StorageController controller, Waiter waiter) {
        this.controller = controller;
        this.vsic = controller.createVsic(
                "control plane", VsicOptions.DEFAULTS.withDepth(2).withWaiter(waiter));
        this.io = new BlockingIo(vsic, controller, waiter);
    }

    BlockingIo io() {
        return io;
    }

    Vsa attach(List<Extent> extents) throws IOException {
        return controller.attach(vsic, ADMIN_AREA_ID, extents, Rights.READ_WRITE);
    }

    /** Makes the extents zero, durably. Nobody else has them attached. */
    void zero(List<Extent> extents) throws IOException {
        DmaBuffer chunk = zeros;
        if (chunk == null) {
            chunk = DmaBuffer.allocate(ZERO_CHUNK_BYTES, controller.media().blockSize(), Arena.ofAuto());
            zeros = chunk;
        }
        Vsa area = attach(extents);
        try {
            for (long at = 0; at < area.size(); at += ZERO_CHUNK_BYTES) {
                io.write(area, at, chunk, 0, (int) Math.min(ZERO_CHUNK_BYTES, area.size() - at));
            }
            io.flush(area);
        } finally {
            controller.revoke(area);
        }
    }
}
