package io.sietch.vnic;

import io.sietch.vnic.BufferPool.Buffer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A flow over something that takes and gives bytes without blocking.
 *
 * <p>Invariants:
 * <ol>
 *   <li>Between two events a flow holds a receive buffer only if bytes were left unconsumed, and a send buffer only if
 *       bytes are unsent.
 *   <li>{@code sent <= flushed <= committed}.
 *   <li>While {@code blocked}, the transport is asked to say when it takes more, and nothing else sends.
 * </ol>
 */
abstract class BufferedFlow implements Flow {
    /** First size of a send buffer: replies to a deep pipeline of small requests. */
    private static final int FIRST_SEND_BYTES = 4096;

    /** Up to this many kept bytes are moved before the next ones in the shared buffer, instead of growing their own. */
    private static final int MOVED_BYTES = 4096;

    private final FlowTable table;
    private final long id;

    private @Nullable Buffer received;
    private MemorySegment receivedSegment = MemorySegment.NULL;
    private int receivedFrom;
    private int receivedTo;
    private boolean paused;
    private boolean ended;

    private @Nullable Buffer sending;
    private int sendFrom;
    private int sendTo;
    private long sent;
    private long flushed;
    private boolean blocked;

    private boolean open = true;
    private boolean finishing;
    private @Nullable Object attachment;

    BufferedFlow(FlowTable table) {
        this.table = table;
        this.id = table.nextId();
    }

    // ---- the transport
    // ------------------------------------------------------------------------------------------------

    /** Takes bytes from the transport. As {@link java.nio.channels.ReadableByteChannel#read}. */
    abstract int transportRead(ByteBuffer target) throws IOException;

    /** Gives bytes to the transport. As {@link java.nio.channels.WritableByteChannel#write}. */
    abstract int transportWrite(ByteBuffer source) throws IOException;

    /** Which events the transport shall report from now on. */
    abstract void transportInterest(boolean reading, boolean writing);

    abstract void transportClose();

    /** There are flushed bytes, or it is being finished. {@link #sendFlushed} now, or soon. */
    void transportFlush() {
        sendFlushed();
    }

    // ---- events
    // -------------------------------------------------------------------------------------------------------

    /** The transport has bytes, or has ended. One read. */
    final void onReadable() {
        if (!open || paused || ended || finishing) {
            return;
        }
        Buffer target = receiveTarget();
        if (target == null) {
            return;
        }
        int n;
        try {
            n = transportRead(target.view(receivedTo, target.capacity));
        } catch (IOException e) {
            close(CloseCause.PEER);
            return;
        }
        if (n > 0) {
            receivedTo += n;
            table.handler().received(this);
        } else if (n < 0) {
            ended = true;
            updateInterest();
            table.handler().ended(this);
        }
        keepRest();
    }

    /**
     * Where to read to, with the kept bytes in front: the shared buffer as long as few are kept, else a buffer of the
     * flow's own that doubles as bytes really arrive. Null if a limit was met, and the flow is then closed.
     */
    private @Nullable Buffer receiveTarget() {
        int kept = receivedTo - receivedFrom;
        Buffer own = received;
        if (own == null || kept <= MOVED_BYTES) {
            Buffer shared = table.sharedBuffer();
            if (own != null) {
                MemorySegment.copy(own.segment, receivedFrom, shared.segment, 0, kept);
                table.pool().release(own);
                received = null;
            }
            return receiveInto(shared, kept);
        }
        if (kept >= table.options().maxReceiveBytes()) {
            close(CloseCause.RECEIVE_LIMIT);
            return null;
        }
        // A byte is moved a bounded number of times: only when an eighth as many were received since it was moved last.
        if (own.capacity - receivedTo >= kept / 8) {
            return own;
        }
        if (receivedFrom >= kept / 2) {
            MemorySegment.copy(own.segment, receivedFrom, own.segment, 0, kept);
            return receiveInto(own, kept);
        }
        Buffer larger = table.pool().acquire(doubled(own.capacity));
        if (larger == null) {
            close(CloseCause.MEMORY_LIMIT);
            return null;
        }
        MemorySegment.copy(own.segment, receivedFrom, larger.segment, 0, kept);
        table.pool().release(own);
        received = larger;
        return receiveInto(larger, kept);
    }

    private Buffer receiveInto(Buffer buffer, int kept) {
        receivedSegment = buffer.segment;
        receivedFrom = 0;
        receivedTo = kept;
        return buffer;
    }

    /** Leaves the shared buffer to the next flow (invariant 1). */
    private void keepRest() {
        int rest = receivedTo - receivedFrom;
        if (!open || rest == 0) {
            dropReceived();
        } else if (received == null) {
            Buffer own = table.pool().acquire(rest);
            if (own == null) {
                close(CloseCause.MEMORY_LIMIT);
                return;
            }
            MemorySegment.copy(receivedSegment, receivedFrom, own.segment, 0, rest);
            received = own;
            receiveInto(own, rest);
        }
    }

    private void dropReceived() {
        if (received != null) {
            table.pool().release(received);
            received = null;
        }
        receivedSegment = MemorySegment.NULL;
        receivedFrom = 0;
        receivedTo = 0;
    }

    /** The transport takes bytes again. */
    final void onWritable() {
        if (!open || !blocked) {
            return;
        }
        blocked = false;
        send();
        if (open && !blocked) {
            updateInterest();
            table.handler().writable(this);
        }
    }

    // ---- receiving
    // ----------------------------------------------------------------------------------------------------

    @Override
    public final MemorySegment receivedSegment() {
        return receivedSegment;
    }

    @Override
    public final long receivedOffset() {
        return receivedFrom;
    }

    @Override
    public final int receivedLength() {
        return receivedTo - receivedFrom;
    }

    @Override
    public final void consume(int length) {
        if (length < 0 || length > receivedTo - receivedFrom) {
            throw new IllegalArgumentException(
                    "cannot consume " + length + " of " + (receivedTo - receivedFrom) + " bytes");
        }
        receivedFrom += length;
        if (receivedFrom == receivedTo && received != null) {
            dropReceived();
        }
    }

    @Override
    public final void pause() {
        if (!paused) {
            paused = true;
            updateInterest();
        }
    }

    @Override
    public final void resume() {
        if (paused) {
            paused = false;
            updateInterest();
        }
    }

    private void updateInterest() {
        if (open) {
            transportInterest(!paused && !ended && !finishing, blocked);
        }
    }

    // ---- sending
    // ------------------------------------------------------------------------------------------------------

    @Override
    public final boolean claim(int length) {
        if (!open || finishing) {
            return false;
        }
        if (length > table.options().maxSendBytes() - (sendTo - sendFrom)) {
            return false;
        }
        Buffer now = sending;
        if (now == null) {
            sending = table.pool().acquire(Math.max(length, FIRST_SEND_BYTES));
            return sending != null;
        }
        if (now.capacity - sendTo >= length) {
            return true;
        }
        int unsent = sendTo - sendFrom;
        if (now.capacity - unsent >= length && sendFrom >= now.capacity / 2) {
            MemorySegment.copy(now.segment, sendFrom, now.segment, 0, unsent);
        } else {
            Buffer larger = table.pool().acquire(Math.max(unsent + length, doubled(now.capacity)));
            if (larger == null) {
                return false;
            }
            MemorySegment.copy(now.segment, sendFrom, larger.segment, 0, unsent);
            table.pool().release(now);
            sending = larger;
        }
        sendFrom = 0;
        sendTo = unsent;
        return true;
    }

    private static int doubled(int capacity) {
        return (int) Math.min(2L * capacity, NetworkOptions.MAX_BUFFER_BYTES);
    }

    @Override
    public final MemorySegment claimedSegment() {
        return sending == null ? MemorySegment.NULL : sending.segment;
    }

    @Override
    public final long claimedOffset() {
        return sendTo;
    }

    @Override
    public final int claimedLength() {
        return sending == null ? 0 : sending.capacity - sendTo;
    }

    @Override
    public final void commit(int length) {
        if (!open) {
            return;
        }
        if (length < 0 || length > claimedLength()) {
            throw new IllegalArgumentException("cannot commit " + length + " of " + claimedLength() + " claimed bytes");
        }
        sendTo += length;
        if (sendFrom == sendTo) {
            dropSending();
        }
    }

    @Override
    public final long committed() {
        return sent + (sendTo - sendFrom);
    }

    @Override
    public final void rewind(long position) {
        if (position < flushed || position > committed()) {
            throw new IllegalArgumentException(
                    "cannot rewind to " + position + ": flushed up to " + flushed + ", committed up to " + committed());
        }
        sendTo = sendFrom + (int) (position - sent);
    }

    @Override
    public final void flush(long position) {
        if (!open) {
            return;
        }
        flushed = Math.max(flushed, Math.min(position, committed()));
        if (!blocked) {
            transportFlush();
        }
    }

    /** Sends as much of what was flushed as the transport takes. */
    final void sendFlushed() {
        if (blocked) {
            onWritable();
        } else {
            send();
        }
    }

    /** One write at most. */
    private void send() {
        int length = (int) (flushed - sent);
        Buffer from = sending;
        if (length > 0 && from != null) {
            int n;
            try {
                n = transportWrite(from.view(sendFrom, sendFrom + length));
            } catch (IOException e) {
                close(CloseCause.PEER);
                return;
            }
            sent += n;
            sendFrom += n;
            if (n < length) {
                blocked = true;
                updateInterest();
                return;
            }
        }
        if (sendFrom == sendTo) {
            dropSending();
            if (finishing) {
                close(CloseCause.OWNER);
            }
        }
    }

    private void dropSending() {
        if (sending != null) {
            table.pool().release(sending);
            sending = null;
        }
        sendFrom = 0;
        sendTo = 0;
    }

    @Override
    public final long sent() {
        return sent;
    }

    // ---- life
    // ---------------------------------------------------------------------------------------------------------

    @Override
    public final void finish() {
        if (open && !finishing) {
            finishing = true;
            updateInterest();
            flush(committed());
        }
    }

    @Override
    public final void close() {
        close(CloseCause.OWNER);
    }

    final void close(CloseCause cause) {
        if (!open) {
            return;
        }
        open = false;
        // Frozen, so that positions still add up for whoever looks at a closed flow.
        dropReceived();
        sent += sendTo - sendFrom;
        flushed = sent;
        dropSending();
        transportClose();
        table.closed(this, cause);
    }

    @Override
    public final boolean isOpen() {
        return open;
    }

    @Override
    public final long id() {
        return id;
    }

    @Override
    public final @Nullable Object attachment() {
        return attachment;
    }

    @Override
    public final void attach(@Nullable Object newAttachment) {
        attachment = newAttachment;
    }

    @Override
    public final String toString() {
        return "flow " + id + " from " + peer();
    }
}
