package io.sietch.vsic;

import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.RingBuffer;
import java.io.IOException;

/**
 * The device's side of one VSIC: takes commands from the submission ring within the rate limit, checks and runs them,
 * and posts their completions. Device thread only.
 */
final class VsicDevice {
    /** Commands taken from one VSIC before the next one has its turn. */
    private static final int BATCH_MAX = 32;

    private final Vsic vsic;
    private final RingBuffer<Completion> completion;
    private final EventPoller<Command> taker;
    private final EventPoller.Handler<Command> take = this::take;
    private final VsicCounters counters = new VsicCounters();
    private final Waiter waiter;

    private RateLimit limit;
    private boolean limited;
    private TokenBucket bytes;
    private TokenBucket commands;
    // A command that the rate limit holds back: it has left the ring, and nothing may overtake it.
    private final Command held = new Command();
    private boolean holding;

    private final StorageController controller;
    private boolean posted;
    private int taken;
    private long now;

    VsicDevice(
            Vsic vsic,
            RingBuffer<Command> submission,
            RingBuffer<Completion> completion,
            VsicOptions options,
            long now,
            StorageController controller) {
        this.vsic = vsic;
        this.completion = completion;
        this.controller = controller;
        this.taker = submission.newPoller();
        submission.addGatingSequences(taker.getSequence());
        this.waiter = options.waiter();
        this.limit = options.rateLimit();
        this.limited = !limit.equals(RateLimit.NONE);
        this.bytes = new TokenBucket(limit.bytesPerSecond(), limit.burstNanos(), now);
        this.commands = new TokenBucket(limit.commandsPerSecond(), limit.burstNanos(), now);
    }

    void limit(RateLimit newLimit, long now) {
        limit = newLimit;
        limited = !newLimit.equals(RateLimit.NONE);
        bytes = new TokenBucket(newLimit.bytesPerSecond(), newLimit.burstNanos(), now);
        commands = new TokenBucket(newLimit.commandsPerSecond(), newLimit.burstNanos(), now);
    }

    VsicCounters counters() {
        return counters;
    }

    int depth() {
        return vsic.depth();
    }

    /** Whether the device needs to know the time to serve this VSIC. */
    boolean limited() {
        return limited;
    }

    /** Runs what the queue holds and the limits admit, up to a batch. */
    int poll(long now) {
        this.now = now;
        this.taken = 0;
        if (holding && !runHeld()) {
            return 0;
        }
        try {
            taker.poll(take);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError("the handler throws no checked exception", e);
        }
        return taken;
    }

    private boolean isGone() {
        return controller.isClosed() || vsic.isReleased();
    }

    /** Answers all that is in the queue, after the controller was closed or the VSIC released. */
    void abort() {
        while (poll(now) > 0) {
            // each poll takes a batch
        }
    }

    private boolean runHeld() {
        if (throttled()) {
            return false;
        }
        holding = false;
        run(held);
        return true;
    }

    private boolean take(Command command, long sequence, boolean endOfBatch) {
        if (throttled()) {
            held.copyFrom(command);
            holding = true;
            counters.countThrottled();
            return false;
        }
        run(command);
        return taken < BATCH_MAX;
    }

    private boolean throttled() {
        return limited && !isGone() && (bytes.waitNanos(now) > 0 || commands.waitNanos(now) > 0);
    }

    /** How long until the held command may run, in nanoseconds; {@link Long#MAX_VALUE} if none is held. */
    long waitNanos(long now) {
        return holding ? Math.max(bytes.waitNanos(now), commands.waitNanos(now)) : Long.MAX_VALUE;
    }

    private void run(Command command) {
        taken++;
        counters.countCommand();
        if (limited) {
            commands.charge(1, now);
        }
        Status refusal = check(command);
        if (refusal != Status.SUCCESS) {
            counters.countRejected();
            complete(command.tag, refusal);
            return;
        }
        Vsa area = command.area;
        DmaBuffer buffer = command.buffer;
        assert area != null;
        switch (command.opcode) {
            case READ -> {
                assert buffer != null;
                read(area, buffer, command);
            }
            case WRITE, WRITE_FUA -> {
                assert buffer != null;
                write(area, buffer, command);
            }
            case FLUSH -> {
                counters.countFlush();
                controller.requestFlush(this, area, command.tag);
            }
            case DEALLOCATE -> deallocate(area, command);
        }
    }

    /** Decides whether a command may run. Nothing was moved before this, and nothing is where it says no. */
    private Status check(Command command) {
        if (isGone()) {
            return Status.ABORTED;
        }
        Vsa area = command.area;
        if (area == null || area.isRevoked()) {
            return Status.INVALID_NAMESPACE;
        }
        if (area.owner() != vsic) {
            return Status.ACCESS_DENIED;
        }
        if (command.opcode != Opcode.READ) {
            if (area.rights() != Rights.READ_WRITE) {
                return Status.NAMESPACE_WRITE_PROTECTED;
            }
            if (area.isPoisoned()) {
                return Status.NAMESPACE_NOT_READY;
            }
            if (command.opcode == Opcode.FLUSH) {
                return Status.SUCCESS;
            }
        }
        if (!area.contains(command.offset, command.length)) {
            return Status.LBA_OUT_OF_RANGE;
        }
        int blockMask = area.blockSize() - 1;
        if (command.length == 0 || (command.offset & blockMask) != 0 || (command.length & blockMask) != 0) {
            return Status.INVALID_FIELD;
        }
        DmaBuffer buffer = command.buffer;
        if (command.opcode != Opcode.DEALLOCATE
                && (buffer == null
                        || command.bufferOffset < 0
                        || command.bufferOffset > buffer.size()
                        || command.length > buffer.size() - command.bufferOffset
                        || !buffer.isUsable())) {
            return Status.INVALID_FIELD;
        }
        return Status.SUCCESS;
    }

    private void read(Vsa area, DmaBuffer buffer, Command command) {
        int length = (int) command.length;
        try {
            area.transfer(Opcode.READ, command.offset, buffer, command.bufferOffset, length);
        } catch (IOException | RuntimeException | InternalError e) {
            controller.report(vsic, command, e);
            counters.countMediaError();
            complete(command.tag, Status.UNRECOVERED_READ_ERROR);
            return;
        }
        bytes.charge(length, now);
        counters.countRead(length);
        controller.completeLater(
                this, command.tag, Status.SUCCESS, controller.latency().readNanos());
    }

    private void write(Vsa area, DmaBuffer buffer, Command command) {
        int length = (int) command.length;
        area.markDirty();
        try {
            area.transfer(Opcode.WRITE, command.offset, buffer, command.bufferOffset, length);
        } catch (IOException | RuntimeException | InternalError e) {
            writeFailed(area, command, e);
            return;
        }
        bytes.charge(length, now);
        counters.countWritten(length);
        if (command.opcode == Opcode.WRITE_FUA) {
            counters.countFlush();
            controller.requestFlush(this, area, command.tag);
        } else {
            controller.completeLater(
                    this, command.tag, Status.SUCCESS, controller.latency().writeNanos());
        }
    }

    private void deallocate(Vsa area, Command command) {
        area.markDirty();
        try {
            area.deallocate(command.offset, command.length);
        } catch (IOException | RuntimeException | InternalError e) {
            writeFailed(area, command, e);
            return;
        }
        controller.completeLater(
                this, command.tag, Status.SUCCESS, controller.latency().writeNanos());
    }

    /**
     * What the range holds now is unknown, so nothing that is built on it may be acknowledged. Whatever the medium
     * threw, it must not end the device that others use.
     */
    private void writeFailed(Vsa area, Command command, Throwable failure) {
        area.poison();
        controller.report(vsic, command, failure);
        counters.countMediaError();
        complete(command.tag, Status.WRITE_FAULT);
    }

    void complete(long tag, Status status) {
        long sequence = Vsic.claim(completion);
        Completion entry = completion.get(sequence);
        entry.tag = tag;
        entry.status = status;
        completion.publish(sequence);
        posted = true;
    }

    /** Wakes the owner if something was posted since the last call. */
    void ring() {
        if (posted) {
            posted = false;
            waiter.wake();
        }
    }

    void mediaError() {
        counters.countMediaError();
    }
}
