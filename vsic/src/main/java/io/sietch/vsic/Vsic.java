package io.sietch.vsic;

import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One application's virtual storage controller: a queue pair, and nothing else between the application and the device.
 * Commands go down the submission ring; each comes back once on the completion ring. Commands may complete in any
 * order, and nothing orders them on the medium but a flush: it covers the writes whose completion the owner had
 * <em>seen</em> before it submitted the flush.
 *
 * <p>A full queue is a return value: a submit method that returns {@code false} has done nothing.
 *
 * <p>Threads: one at a time. The device side is served by the thread that polls the {@link StorageController}, which
 * may be the same.
 */
public final class Vsic {
    private final String name;
    private final StorageController controller;
    private final int depth;
    private final RingBuffer<Command> submission;
    private final RingBuffer<Completion> completion;
    private final EventPoller<Completion> reaper;
    private final EventPoller.Handler<Completion> reap = this::reap;
    private final VsicDevice device;

    // Owner's side. Each ring has twice the depth: an entry is free again when the batch that it was consumed with has
    // ended, and until then its consumer may make room for as many commands again. So neither ring is ever full when
    // it is claimed, however long a handler takes, and nobody waits for anybody.
    private int inFlight;
    private int reaped;
    private int limit;
    private @Nullable CompletionHandler handler;
    private @Nullable Throwable thrown;

    // Set by the device thread, for good.
    private volatile boolean released;

    Vsic(String name, StorageController controller, VsicOptions options, long now) {
        this.name = name;
        this.controller = controller;
        this.depth = options.depth();
        this.submission = RingBuffer.createSingleProducer(Command::new, 2 * depth, new BusySpinWaitStrategy());
        this.completion = RingBuffer.createSingleProducer(Completion::new, 2 * depth, new BusySpinWaitStrategy());
        this.reaper = completion.newPoller();
        completion.addGatingSequences(reaper.getSequence());
        this.device = new VsicDevice(this, submission, completion, options, now, controller);
    }

    /**
     * Reads {@code length} bytes at {@code offset} of the area into the buffer.
     *
     * @param offset in the area, a multiple of its block size
     * @param bufferOffset where in the buffer the first byte goes
     * @param length a positive multiple of the block size
     * @param tag comes back with the completion
     * @return false if the queue is full
     */
    public boolean read(Vsa area, long offset, DmaBuffer buffer, int bufferOffset, int length, long tag) {
        return submit(Opcode.READ, area, offset, buffer, bufferOffset, length, tag);
    }

    /**
     * Writes {@code length} bytes of the buffer at {@code offset} of the area. The bytes must stay as they are until
     * the completion; they are durable after a later flush.
     *
     * @return false if the queue is full
     * @see #read for the units
     */
    public boolean write(Vsa area, long offset, DmaBuffer buffer, int bufferOffset, int length, long tag) {
        return submit(Opcode.WRITE, area, offset, buffer, bufferOffset, length, tag);
    }

    /** As {@link #write}, but completes when the bytes are durable (forced unit access). Orders no other command. */
    public boolean writeForced(Vsa area, long offset, DmaBuffer buffer, int bufferOffset, int length, long tag) {
        return submit(Opcode.WRITE_FUA, area, offset, buffer, bufferOffset, length, tag);
    }

    /**
     * Makes durable all writes to the area that had completed before this call. Nothing is said about those still under
     * way.
     *
     * @return false if the queue is full
     */
    public boolean flush(Vsa area, long tag) {
        return submit(Opcode.FLUSH, area, 0, null, 0, 0, tag);
    }

    /**
     * Says that a range is not needed any more; reads of it return anything until it is written again.
     *
     * @return false if the queue is full
     */
    public boolean deallocate(Vsa area, long offset, long length, long tag) {
        return submit(Opcode.DEALLOCATE, area, offset, null, 0, length, tag);
    }

    private boolean submit(
            Opcode opcode, Vsa area, long offset, @Nullable DmaBuffer buffer, int bufferOffset, long length, long tag) {
        if (inFlight == depth) {
            return false;
        }
        if (released) {
            throw new IllegalStateException(this + " was released");
        }
        long sequence = claim(submission);
        inFlight++;
        submission.get(sequence).set(opcode, area, offset, buffer, bufferOffset, length, tag);
        submission.publish(sequence);
        controller.doorbell();
        return true;
    }

    /**
     * Claims the next entry of a ring that has room. Unlike {@code next} it cannot wait, and it lets a ring pass from
     * one thread to another.
     */
    static long claim(RingBuffer<?> ring) {
        try {
            return ring.tryNext();
        } catch (InsufficientCapacityException e) {
            throw new AssertionError("a ring of " + ring.getBufferSize() + " entries is full", e);
        }
    }

    /**
     * Hands out completions. If the handler throws, its completion counts as handed out, and the rest stays for the
     * next poll.
     *
     * @param max how many at most
     * @return how many
     * @throws IllegalStateException if called by a handler
     */
    public int poll(CompletionHandler handler, int max) {
        if (this.handler != null) {
            throw new IllegalStateException(this + " is polled by a completion handler of its own");
        }
        if (inFlight == 0 || max <= 0) {
            return 0;
        }
        this.handler = handler;
        this.limit = max;
        this.reaped = 0;
        try {
            reaper.poll(reap);
        } catch (Exception e) {
            throw new AssertionError("reap throws nothing", e);
        } finally {
            this.handler = null;
        }
        if (thrown != null) {
            rethrow();
        }
        return reaped;
    }

    private boolean reap(Completion entry, long sequence, boolean endOfBatch) {
        inFlight--;
        reaped++;
        try {
            assert handler != null;
            handler.completed(entry.tag, entry.status);
        } catch (Throwable e) {
            // The ring would hand out this entry again if the exception went through it.
            thrown = e;
            return false;
        }
        return reaped < limit;
    }

    private void rethrow() {
        Throwable cause = thrown;
        thrown = null;
        switch (cause) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> throw new AssertionError("a handler throws no checked exception", cause);
        }
    }

    /** Commands submitted whose completion was not handed out yet. */
    public int inFlight() {
        return inFlight;
    }

    /** The most commands that may be under way at once. */
    public int depth() {
        return depth;
    }

    public String name() {
        return name;
    }

    /** What this VSIC has done so far. Any thread. */
    public VsicCounters counters() {
        return device.counters();
    }

    void release() {
        released = true;
    }

    boolean isReleased() {
        return released;
    }

    StorageController controller() {
        return controller;
    }

    VsicDevice device() {
        return device;
    }

    @Override
    public String toString() {
        return "Vsic[" + name + ", depth " + depth + "]";
    }
}
