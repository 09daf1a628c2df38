package io.sietch.vnic;

import io.sietch.net.Link;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The streams of one VNIC at the application's end. One thread at a time. */
final class VsockStreams {
    /** Ports have this many bits for the stream's place, and above them the number of streams that had it. */
    private static final int SLOT_BITS = 16;

    private static final int MAX_STREAMS = 1 << SLOT_BITS;

    private final Vnic vnic;
    private final int serverAddress;
    private final int maxKept;
    private final BufferPool pool = new BufferPool(Arena::ofShared, Long.MAX_VALUE);
    private final VsockHeader header = new VsockHeader();
    private final ArrayList<@Nullable VsockStream> slots = new ArrayList<>();
    private ArrayList<VsockStream> toSend = new ArrayList<>();
    private ArrayList<VsockStream> toSendBefore = new ArrayList<>();
    private ArrayList<VsockStream> changed = new ArrayList<>();
    private ArrayList<VsockStream> changedBefore = new ArrayList<>();
    private int made;
    private int kept;
    private int sent;
    private boolean closed;

    /** @param serverAddress whom the streams lead to */
    VsockStreams(Vnic vnic, int serverAddress) {
        this.vnic = vnic;
        this.serverAddress = serverAddress;
        // The others wait for what comes next.
        this.maxKept = VnicFormat.buffers(vnic.memory()) / 4;
        vnic.streams((memory, offset, length, checked) -> receive(offset, length));
    }

    VsockStream open(int port, Consumer<VsockStream> handler) {
        int slot = slots.indexOf(null);
        if (slot < 0) {
            slot = slots.size();
            slots.add(null);
        }
        if (slot == MAX_STREAMS) {
            slots.removeLast();
            throw new IllegalStateException(MAX_STREAMS + " streams are open, as many as there may be");
        }
        VsockStream stream = new VsockStream(this, made++ << SLOT_BITS | slot, port, handler);
        slots.set(slot, stream);
        toSend(stream);
        return stream;
    }

    Vnic vnic() {
        return vnic;
    }

    BufferPool pool() {
        return pool;
    }

    long cid() {
        return VsockFormat.cid(vnic.address());
    }

    long serverCid() {
        return VsockFormat.cid(serverAddress);
    }

    private @Nullable VsockStream find(int port) {
        int slot = port & MAX_STREAMS - 1;
        VsockStream stream = slot < slots.size() ? slots.get(slot) : null;
        return stream != null && stream.localPort() == port ? stream : null;
    }

    void forget(VsockStream stream) {
        int slot = stream.localPort() & MAX_STREAMS - 1;
        if (slots.get(slot) == stream) {
            slots.set(slot, null);
        }
    }

    // ---- what arrives -----------------------------------------------------------------------------------------------

    /** Returns whether the buffer may be used again at once. */
    private boolean receive(long offset, int length) {
        header.read(vnic.memory(), offset);
        VsockStream stream = find(header.destinationPort);
        if (stream == null || header.length != length - VsockFormat.BYTES) {
            return true;
        }
        changed(stream);
        return stream.hear(header, offset);
    }

    /** Whether one more buffer may be kept until its bytes are consumed. */
    boolean keepBuffer() {
        if (kept == maxKept) {
            return false;
        }
        kept++;
        return true;
    }

    void releaseBuffer(long offset) {
        kept--;
        vnic.release(offset);
    }

    // ---- the loop ---------------------------------------------------------------------------------------------------

    void toSend(VsockStream stream) {
        if (!stream.isToSend) {
            stream.isToSend = true;
            toSend.add(stream);
        }
    }

    void changed(VsockStream stream) {
        if (!stream.isChanged) {
            stream.isChanged = true;
            changed.add(stream);
        }
    }

    /** Something was sent: whoever takes it has to hear of it. */
    void sent() {
        sent++;
    }

    /** Sends, tells what has changed, and sends what that led to. Returns how much was done. */
    int poll() {
        int work = flush();
        if (!changed.isEmpty()) {
            work += tellChanged();
            work += flush();
        }
        return work;
    }

    private int tellChanged() {
        ArrayList<VsockStream> telling = changed;
        changed = changedBefore;
        changedBefore = telling;
        int count = telling.size();
        for (int i = 0; i < count; i++) {
            VsockStream stream = telling.get(i);
            stream.isChanged = false;
            stream.tell();
        }
        telling.clear();
        return count;
    }

    /** Sends what was written. Returns how many packets that were. */
    int flush() {
        if (!toSend.isEmpty()) {
            ArrayList<VsockStream> sending = toSend;
            toSend = toSendBefore;
            toSendBefore = sending;
            for (int i = 0; i < sending.size(); i++) {
                VsockStream stream = sending.get(i);
                stream.isToSend = false;
                if (!stream.transmit()) {
                    toSend(stream);
                }
            }
            sending.clear();
        }
        int packets = sent;
        if (packets > 0) {
            sent = 0;
            vnic.kick();
        }
        return packets;
    }

    /** A buffer to send something in, or {@link Link#NONE}. */
    long claim() {
        return closed ? Link.NONE : vnic.claim();
    }

    /** Whether {@link #poll} has something to do. */
    boolean isIdle() {
        return toSend.isEmpty() && changed.isEmpty();
    }

    /** The server has ended, or has taken the card away. */
    void lost() {
        for (int i = 0; i < slots.size(); i++) {
            VsockStream stream = slots.get(i);
            if (stream != null) {
                stream.lost();
            }
        }
    }

    /** Resets all streams. */
    void close() {
        for (int i = 0; i < slots.size(); i++) {
            VsockStream stream = slots.get(i);
            if (stream != null) {
                stream.abort();
            }
        }
        flush();
        closed = true;
        lost();
        pool.close();
    }
}
