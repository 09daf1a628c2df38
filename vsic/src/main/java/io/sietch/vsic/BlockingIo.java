package io.sietch.vsic;

import java.io.IOException;

/**
 * Runs one command at a time to its completion, by polling the device. For control paths: catalogues, recovery,
 * opening. Belongs to the thread that polls the device, and to a VSIC that has no other command under way.
 */
public final class BlockingIo {
    private final Vsic vsic;
    private final Poller device;
    private final Waiter waiter;
    private final CompletionHandler handler = this::completed;
    private Status status = Status.SUCCESS;
    private boolean done;

    /**
     * @param device what has to be polled for commands to complete: the {@link StorageController}
     * @param waiter that of the controller's options
     */
    public BlockingIo(Vsic vsic, Poller device, Waiter waiter) {
        this.vsic = vsic;
        this.device = device;
        this.waiter = waiter;
    }

    /** As {@link Vsic#read}. */
    public void read(Vsa area, long offset, DmaBuffer buffer, int bufferOffset, int length) throws IOException {
        requireIdle();
        finish(vsic.read(area, offset, buffer, bufferOffset, length, 0), "READ", area, offset, length);
    }

    /** As {@link Vsic#write}. */
    public void write(Vsa area, long offset, DmaBuffer buffer, int bufferOffset, int length) throws IOException {
        requireIdle();
        finish(vsic.write(area, offset, buffer, bufferOffset, length, 0), "WRITE", area, offset, length);
    }

    /** As {@link Vsic#flush}. */
    public void flush(Vsa area) throws IOException {
        requireIdle();
        finish(vsic.flush(area, 0), "FLUSH", area, 0, 0);
    }

    private void requireIdle() {
        if (vsic.inFlight() != 0) {
            throw new IllegalStateException(vsic + " has other commands under way: " + vsic.inFlight());
        }
    }

    private void finish(boolean submitted, String verb, Vsa area, long offset, long length) throws IOException {
        assert submitted : "an idle queue is not full";
        done = false;
        while (!done) {
            int work = device.poll() + vsic.poll(handler, 1);
            if (work == 0) {
                waiter.await(device.idleNanos());
            }
        }
        if (status != Status.SUCCESS) {
            throw new MediaException(
                    verb + " of " + length + " bytes at " + offset + " of area " + area.id() + " ended with " + status);
        }
    }

    private void completed(long tag, Status result) {
        status = result;
        done = true;
    }
}
