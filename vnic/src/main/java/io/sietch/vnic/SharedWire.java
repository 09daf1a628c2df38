package io.sietch.vnic;

import io.sietch.net.FrameReceiver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.channels.SelectableChannel;
import java.nio.file.Path;

/**
 * A network card in memory that another process's switch serves, as a wire. When it is taken away, or the other process
 * ends, that is logged once; then the wire carries nothing any more.
 */
final class SharedWire implements Wire {
    private static final Logger LOG = System.getLogger(SharedWire.class.getPackageName());

    private final SharedVnic shared;
    private final Vnic vnic;
    private final Path door;

    SharedWire(SharedVnic shared, Path door) {
        this.shared = shared;
        this.vnic = shared.vnic();
        this.door = door;
    }

    @Override
    public String name() {
        return door.toString();
    }

    @Override
    public int address() {
        return vnic.address();
    }

    @Override
    public long mac() {
        return vnic.mac();
    }

    @Override
    public int maxFrameBytes() {
        return vnic.maxFrameBytes();
    }

    @Override
    public MemorySegment memory() {
        return vnic.memory();
    }

    @Override
    public long claim() {
        return vnic.claim();
    }

    @Override
    public void release(long offset) {
        vnic.release(offset);
    }

    @Override
    public void send(long offset, int length) {
        vnic.send(offset, length);
    }

    @Override
    public void send(long offset, int length, int checksumStart, int checksumAt) {
        vnic.send(offset, length, checksumStart, checksumAt);
    }

    @Override
    public void kick() {
        vnic.kick();
    }

    @Override
    public int receive(FrameReceiver receiver, int max) {
        return vnic.receive(receiver, max);
    }

    @Override
    public boolean hasArrived() {
        return !vnic.isEmpty();
    }

    @Override
    public SelectableChannel readiness() {
        return shared.channel();
    }

    @Override
    public void sleeps(boolean sleeping) {
        shared.asksToBeWoken(sleeping);
    }

    @Override
    public void ready() {
        shared.listen();
        if (!shared.isOpen()) {
            LOG.log(
                    Level.WARNING,
                    "the network card of " + door
                            + (shared.isRevoked() ? " was taken away" : " is dead: whoever gave it has ended"));
            // Else a selector would find the channel ready for ever.
            try {
                shared.channel().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        try {
            shared.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return "VNIC of " + door;
    }
}
