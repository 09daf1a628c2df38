package io.sietch.vnic;

import io.sietch.net.Link;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * A stream of bytes each way between an application and the server whose network card it has, over the rings of that
 * card alone: there is no Ethernet, IP and TCP between the two, as memory loses nothing. The packets are those of the
 * virtio socket device (Virtual I/O Device 1.2, section 5.10). See {@link VnicClient#stream}.
 *
 * <p>Both ways without a copy: bytes to send are written into the buffer that the server takes them from, and received
 * ones are looked at in the buffer that the server put them into, unless more arrive before they are consumed. What is
 * received or claimed may be less than there is: after {@link #consume} or {@link #commit} of all of it, the next run
 * begins.
 *
 * <p>Threads: that of the {@link VnicClient}. What a method answers is valid until the client is polled.
 */
public final class VsockStream {
    /** Where a stream is. */
    public enum State {
        /** The server was asked, and has not answered. */
        CONNECTING,
        /** Open, in this direction at least. */
        CONNECTED,
        /** Nothing more can be sent, nothing more will come; both ends have said so. What came before is there. */
        CLOSED,
        /**
         * As {@link #CLOSED}, but one end did not agree: nobody listens, or bytes may be lost, or the server is gone.
         */
        RESET
    }

    private static final int NOTHING = 0;

    private final VsockStreams streams;
    private final Vnic vnic;
    private final MemorySegment memory;
    private final long ports;
    private final int localPort;
    private final int remotePort;
    private final Consumer<VsockStream> handler;
    private final VsockCredit credit = new VsockCredit();
    private final PendingBytes pending;
    private State state = State.CONNECTING;
    private boolean peerFinished;
    private boolean peerReads = true;
    private boolean finishing;
    private boolean owesCredit;
    // What to say as soon as there is a buffer, after all bytes; a reset before them.
    private int nextWord = VsockFormat.OP_REQUEST;
    private int nextFlags;
    // The buffer with the first received bytes, if it was kept.
    private long keptBuffer = Link.NONE;
    private long keptFrom;
    private int keptLength;
    // The buffer that is being filled.
    private long filling = Link.NONE;
    private int filled;
    boolean isToSend;
    boolean isChanged;

    VsockStream(VsockStreams streams, int localPort, int remotePort, Consumer<VsockStream> handler) {
        this.streams = streams;
        this.vnic = streams.vnic();
        this.memory = vnic.memory();
        this.ports = VsockFormat.ports(localPort, remotePort);
        this.localPort = localPort;
        this.remotePort = remotePort;
        this.handler = handler;
        this.pending = new PendingBytes(streams.pool());
    }

    public State state() {
        return state;
    }

    int localPort() {
        return localPort;
    }

    // ---- receiving --------------------------------------------------------------------------------------------------

    /** How many bytes have arrived and are not consumed. */
    public int available() {
        return keptLength + pending.size();
    }

    /** Whether everything was consumed, and no more will come. */
    public boolean isAtEnd() {
        return (peerFinished || state == State.RESET) && available() == 0;
    }

    /** The memory with the received bytes, to be read only. */
    public MemorySegment receivedSegment() {
        return keptLength > 0 ? memory : pending.segment();
    }

    /** Where in {@link #receivedSegment} the first of them lies. */
    public long receivedOffset() {
        return keptLength > 0 ? keptFrom : pending.offset();
    }

    /** How many lie there one after the other; 0 if none has arrived. */
    public int receivedLength() {
        return keptLength > 0 ? keptLength : pending.size();
    }

    /**
     * Gives up the first so many received bytes. They may be more than {@link #receivedLength}, up to
     * {@link #available}.
     *
     * @throws IllegalArgumentException if there are fewer
     */
    public void consume(int length) {
        if (length < 0 || length > available()) {
            throw new IllegalArgumentException("cannot consume " + length + " of " + available() + " bytes");
        }
        int ofKept = Math.min(length, keptLength);
        if (ofKept > 0) {
            keptFrom += ofKept;
            keptLength -= ofKept;
            if (keptLength == 0) {
                releaseKept();
            }
        }
        pending.drop(length - ofKept);
        forgetIfDone();
        if (credit.take(length)) {
            owesCredit = true;
            streams.toSend(this);
        }
    }

    private void releaseKept() {
        streams.releaseBuffer(keptBuffer);
        keptBuffer = Link.NONE;
        keptLength = 0;
    }

    // ---- sending ----------------------------------------------------------------------------------------------------

    private boolean mayWrite() {
        return state == State.CONNECTED && !finishing;
    }

    /** The memory for bytes to send. */
    public MemorySegment claimedSegment() {
        return claimedLength() == 0 && filling == Link.NONE ? MemorySegment.NULL : memory;
    }

    /** Where in {@link #claimedSegment} the next one goes. */
    public long claimedOffset() {
        return filling == Link.NONE ? 0 : filling + VsockFormat.BYTES + filled;
    }

    /**
     * How many have room there one after the other; 0 if none has, and then the handler hears when that may have
     * changed. Asking makes the room.
     */
    public int claimedLength() {
        if (!mayWrite()) {
            return 0;
        }
        if (filling == Link.NONE) {
            filling = streams.claim();
            // What is not used until the next poll is given back then.
            streams.toSend(this);
            if (filling == Link.NONE) {
                // Buffers come back by themselves.
                streams.changed(this);
                return 0;
            }
        }
        return Math.max(0, Math.min(credit.room(), vnic.maxFrameBytes() - VsockFormat.BYTES) - filled);
    }

    /**
     * Sends the first so many claimed bytes, with the next poll or {@link VnicClient#flush}.
     *
     * @throws IllegalArgumentException if that is more than there was room for
     */
    public void commit(int length) {
        int room = filling == Link.NONE ? 0 : claimedLength();
        if (length < 0 || length > room) {
            throw new IllegalArgumentException("cannot send " + length + " bytes: there is room for " + room);
        }
        if (length > 0) {
            filled += length;
            streams.toSend(this);
            if (filled == vnic.maxFrameBytes() - VsockFormat.BYTES) {
                sendFilled();
            }
        }
    }

    private void sendFilled() {
        send(filling, filled, VsockFormat.OP_RW, 0);
        credit.sent(filled);
        filling = Link.NONE;
        filled = 0;
    }

    private void send(long buffer, int length, int op, int flags) {
        owesCredit = false;
        VsockFormat.writeEnds(memory, buffer, streams.cid(), streams.serverCid(), ports);
        VsockFormat.writeWord(memory, buffer, length, op, flags, VsockCredit.WINDOW, credit.tell());
        vnic.sendStream(buffer, VsockFormat.BYTES + length);
        streams.sent();
    }

    /** Sends what there is to send. Returns false if it wants to be asked again: no buffer is free. */
    boolean transmit() {
        if (filled == 0 || nextWord == VsockFormat.OP_RST) {
            dropFilling();
        } else {
            sendFilled();
        }
        if (nextWord != NOTHING) {
            if (!say(nextWord, nextFlags)) {
                return false;
            }
            nextWord = NOTHING;
            forgetIfDone();
        }
        return !owesCredit || state != State.CONNECTED || say(VsockFormat.OP_CREDIT_UPDATE, 0);
    }

    private boolean say(int op, int flags) {
        long buffer = streams.claim();
        if (buffer == Link.NONE) {
            return false;
        }
        send(buffer, 0, op, flags);
        return true;
    }

    // ---- the end ----------------------------------------------------------------------------------------------------

    /** Sends no more after what was committed. The server still may. */
    public void finish() {
        if (mayWrite()) {
            finishing = true;
            nextWord = VsockFormat.OP_SHUTDOWN;
            nextFlags |= VsockFormat.SHUT_SEND;
            streams.toSend(this);
        }
    }

    /** As {@link #finish}, and takes no more either: what has arrived is gone, what arrives is dropped. */
    public void close() {
        if (state == State.CONNECTING) {
            abort();
        } else if (state == State.CONNECTED) {
            finishing = true;
            peerFinished = true;
            dropReceived();
            nextWord = VsockFormat.OP_SHUTDOWN;
            nextFlags = VsockFormat.SHUT_SEND | VsockFormat.SHUT_RECEIVE;
            state = State.CLOSED;
            streams.toSend(this);
        } else {
            dropReceived();
        }
    }

    /** Ends it at once; what was not sent is lost, and so is what was not consumed. */
    public void abort() {
        dropReceived();
        if (state == State.CONNECTING || state == State.CONNECTED || nextWord != NOTHING) {
            end(State.RESET, VsockFormat.OP_RST);
        }
    }

    private void dropReceived() {
        if (keptLength > 0) {
            releaseKept();
        }
        pending.clear();
        forgetIfDone();
    }

    private void dropFilling() {
        if (filling != Link.NONE) {
            vnic.release(filling);
            filling = Link.NONE;
        }
        filled = 0;
    }

    /** @param word to be said, or {@link #NOTHING} */
    private void end(State newState, int word) {
        state = newState;
        nextWord = word;
        nextFlags = 0;
        streams.changed(this);
        if (word == NOTHING) {
            dropFilling();
            forgetIfDone();
        } else {
            streams.toSend(this);
        }
    }

    /** It keeps its port, and its place among the streams, as long as there is something to say, to hear or to read. */
    private void forgetIfDone() {
        boolean awaitsReset = nextFlags == (VsockFormat.SHUT_SEND | VsockFormat.SHUT_RECEIVE);
        boolean isDone = (state == State.CLOSED || state == State.RESET) && nextWord == NOTHING && !awaitsReset;
        if (isDone && available() == 0) {
            streams.forget(this);
        }
    }

    /** The server is gone. */
    void lost() {
        if (state == State.CONNECTING || state == State.CONNECTED || nextWord != NOTHING) {
            end(State.RESET, NOTHING);
        } else {
            nextFlags = 0;
            forgetIfDone();
        }
    }

    // ---- what the server says ---------------------------------------------------------------------------------------

    /** A packet. Returns whether its buffer may be used again at once. */
    boolean hear(VsockHeader said, long buffer) {
        credit.heard(said.allocated, said.forwarded);
        switch (said.op) {
            case VsockFormat.OP_RESPONSE -> {
                if (state == State.CONNECTING) {
                    state = State.CONNECTED;
                }
            }
            case VsockFormat.OP_RW -> {
                return receive(said.length, buffer);
            }
            case VsockFormat.OP_CREDIT_REQUEST -> {
                owesCredit = true;
                streams.toSend(this);
            }
            case VsockFormat.OP_SHUTDOWN -> shutDown(said.flags);
            case VsockFormat.OP_RST -> end(state == State.CLOSED ? State.CLOSED : State.RESET, NOTHING);
            default -> {
                // Its credit is all that a credit update says.
            }
        }
        return true;
    }

    private boolean receive(int length, long buffer) {
        if (state != State.CONNECTED || length == 0) {
            return true;
        }
        if (!credit.receive(length)) {
            end(State.RESET, VsockFormat.OP_RST);
            return true;
        }
        long payload = buffer + VsockFormat.BYTES;
        if (available() == 0 && streams.keepBuffer()) {
            keptBuffer = buffer;
            keptFrom = payload;
            keptLength = length;
            return false;
        }
        if (!pending.append(memory, payload, length)) {
            end(State.RESET, VsockFormat.OP_RST);
        }
        return true;
    }

    private void shutDown(int flags) {
        peerFinished |= (flags & VsockFormat.SHUT_SEND) != 0;
        peerReads &= (flags & VsockFormat.SHUT_RECEIVE) == 0;
        if (peerFinished && !peerReads && state == State.CONNECTED) {
            end(State.CLOSED, VsockFormat.OP_RST);
        }
    }

    void tell() {
        handler.accept(this);
    }

    @Override
    public String toString() {
        return "stream " + Integer.toUnsignedString(localPort) + " to port " + remotePort + ", " + state;
    }
}
