package io.sietch.vnic;

import io.sietch.net.Ipv4Format;
import java.nio.ByteBuffer;

/**
 * A stream of a VNIC at the device's end, as a flow. What arrives is copied out of the shared memory before anybody is
 * told ({@link #accept}), and what is sent goes into it when the device says so ({@link #transmit}): nothing else
 * touches memory that its owner may cut off at any time.
 *
 * <p>Invariant: while it has something to say that it could, it is on the device's list ({@link VsockDevice#toSend}).
 */
class VsockFlow extends ReadyFlow {
    private static final int NOTHING = 0;

    private final VsockDevice device;
    private final VnicPort port;
    private final int remotePort;
    private final int localPort;
    private final PendingBytes pending;
    private final VsockCredit credit = new VsockCredit();
    private long allowedAt;
    private boolean reading = true;
    private boolean peerFinished;
    private boolean peerReads = true;
    private boolean owesResponse = true;
    private boolean owesCredit;
    private int lastWord = NOTHING;
    private boolean gone;
    private boolean starved;
    boolean isToSend;

    VsockFlow(VsockDevice device, FlowTable table, Queue ready, VnicPort port, int remotePort, int localPort) {
        super(table, ready);
        this.device = device;
        this.port = port;
        this.remotePort = remotePort;
        this.localPort = localPort;
        this.allowedAt = port.filterChanges();
        this.pending = new PendingBytes(table.pool());
    }

    VnicPort port() {
        return port;
    }

    int remotePort() {
        return remotePort;
    }

    int localPort() {
        return localPort;
    }

    /** Whether the port's filters are those that were found to allow this stream. */
    boolean isAllowed() {
        return allowedAt == port.filterChanges();
    }

    void allow() {
        allowedAt = port.filterChanges();
    }

    // ---- what the peer says -----------------------------------------------------------------------------------------

    /** The packet that asks for it. */
    void hearFirst(VsockHeader said) {
        credit.heard(said.allocated, said.forwarded);
        device.toSend(this);
    }

    /** A later packet, its header checked but for what it says. */
    void hear(VsockHeader said, long payloadAt) {
        if (!isOpen()) {
            return;
        }
        credit.heard(said.allocated, said.forwarded);
        switch (said.op) {
            case VsockFormat.OP_RW -> accept(said.length, payloadAt);
            case VsockFormat.OP_CREDIT_UPDATE -> {
                // It is in every packet.
            }
            case VsockFormat.OP_CREDIT_REQUEST -> oweCredit();
            case VsockFormat.OP_SHUTDOWN -> {
                peerReads &= (said.flags & VsockFormat.SHUT_RECEIVE) == 0;
                if ((said.flags & VsockFormat.SHUT_SEND) != 0) {
                    peerFinished = true;
                    makeReady();
                }
            }
            case VsockFormat.OP_RST -> {
                lastWord = NOTHING;
                gone = true;
                close(CloseCause.PEER);
            }
            default -> reset(CloseCause.PEER);
        }
        if (unsent() > 0) {
            device.toSend(this);
        }
    }

    private void accept(int length, long payloadAt) {
        if (peerFinished || !credit.receive(length)) {
            reset(CloseCause.PEER);
        } else if (length > 0) {
            if (!pending.append(port.memory(), payloadAt, length)) {
                reset(CloseCause.MEMORY_LIMIT);
                return;
            }
            makeReady();
        }
    }

    private void oweCredit() {
        owesCredit = true;
        device.toSend(this);
    }

    /** Closes it, and the peer is told that it was not as agreed. */
    void reset(CloseCause cause) {
        if (isOpen()) {
            lastWord = VsockFormat.OP_RST;
            close(cause);
        }
    }

    /** The VNIC is not there any more. */
    void lost() {
        gone = true;
        close(CloseCause.PEER);
    }

    // ---- for the flow -----------------------------------------------------------------------------------------------

    @Override
    void serve() {
        if (reading && hasInput()) {
            onReadable();
            if (reading && hasInput()) {
                makeReady();
            }
        }
    }

    private boolean hasInput() {
        return isOpen() && (pending.size() > 0 || peerFinished);
    }

    @Override
    int transportRead(ByteBuffer target) {
        int n = pending.take(target);
        if (credit.take(n)) {
            oweCredit();
        }
        return n == 0 && peerFinished ? -1 : n;
    }

    @Override
    void transportFlush() {
        device.toSend(this);
    }

    @Override
    int transportWrite(ByteBuffer source) {
        int begun = source.position();
        if (!peerReads) {
            // As nobody looks at it.
            source.position(source.limit());
        }
        while (source.hasRemaining()) {
            int n = Math.min(source.remaining(), Math.min(credit.room(), port.maxFrameBytes() - VsockFormat.BYTES));
            if (n == 0) {
                break;
            }
            long place = room(VsockFormat.BYTES + n);
            if (place == 0) {
                break;
            }
            port.view().put((int) place + VsockFormat.BYTES, source, source.position(), n);
            source.position(source.position() + n);
            credit.sent(n);
            show(place, n, VsockFormat.OP_RW, 0);
        }
        return source.position() - begun;
    }

    @Override
    void transportInterest(boolean nowReading, boolean nowWriting) {
        reading = nowReading;
        if (reading && hasInput()) {
            makeReady();
        }
    }

    @Override
    void transportClose() {
        pending.clear();
        if (gone) {
            device.forget(this);
            return;
        }
        if (lastWord == NOTHING) {
            // To one who has said that it is done itself, the answer is a reset (5.10.6.5).
            lastWord = peerFinished && !peerReads ? VsockFormat.OP_RST : VsockFormat.OP_SHUTDOWN;
        }
        device.toSend(this);
    }

    // ---- sending ----------------------------------------------------------------------------------------------------

    /** Sends what there is to say. Returns false if it wants to be asked again: the peer has no buffer for it. */
    boolean transmit() {
        starved = false;
        if (gone) {
            return true;
        }
        if (owesResponse) {
            owesResponse = !say(VsockFormat.OP_RESPONSE, 0);
        }
        if (!starved && isOpen()) {
            sendFlushed();
        }
        if (!starved && owesCredit && isOpen()) {
            owesCredit = !say(VsockFormat.OP_CREDIT_UPDATE, 0);
        }
        if (!starved && lastWord != NOTHING) {
            sayLast();
        }
        return !starved;
    }

    private void sayLast() {
        int flags = lastWord == VsockFormat.OP_SHUTDOWN ? VsockFormat.SHUT_RECEIVE | VsockFormat.SHUT_SEND : 0;
        if (say(lastWord, flags)) {
            gone = true;
            device.forget(this);
        }
    }

    private boolean say(int op, int flags) {
        long place = room(VsockFormat.BYTES);
        if (place == 0) {
            return false;
        }
        show(place, 0, op, flags);
        return true;
    }

    /** A buffer of the peer's, or 0. */
    private long room(int length) {
        long place = port.roomNow(length);
        starved = place == 0;
        return place;
    }

    private void show(long place, int length, int op, int flags) {
        owesCredit = false;
        device.show(port, place, remotePort, localPort, length, op, flags, credit.tell());
    }

    @Override
    public String peer() {
        return Ipv4Format.text(port.address()) + ":" + Integer.toUnsignedString(remotePort);
    }

    @Override
    public String local() {
        return Ipv4Format.text(device.address()) + ":" + localPort;
    }
}
