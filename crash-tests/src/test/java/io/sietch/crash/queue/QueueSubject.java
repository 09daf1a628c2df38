package io.sietch.crash.queue;

import io.sietch.crash.CrashSubject;
import io.sietch.crash.Deed;
import io.sietch.crash.Life;
import io.sietch.crash.RecycledMemory;
import io.sietch.crash.queue.QueueOp.Value;
import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogCorruptException;
import io.sietch.persistent.LogFailedException;
import io.sietch.persistent.LogOptions;
import io.sietch.persistent.LogTail;
import io.sietch.persistent.QueueCore;
import io.sietch.persistent.QueueOptions;
import io.sietch.vsic.Extent;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** A {@link QueueCore} in an area of its own, working through a list of steps in each life. */
final class QueueSubject implements CrashSubject<QueueState, QueueOp> {
    /** One step of a workload. */
    sealed interface Step {
        /** Offers values of these lengths. */
        record Offer(int... lengths) implements Step {}

        /** Takes so many items, as far as there are. */
        record Take(int count) implements Step {}

        /** Leases so many items, as far as there are. */
        record Lease(int count) implements Step {}

        /** Acknowledges the n-th oldest lease. */
        record Ack(int nth) implements Step {}

        /** Gives the n-th oldest lease back. */
        record Nack(int nth) implements Step {}

        /** Asks for everything to be durable, and goes on for a few turns. */
        record CommitSoon() implements Step {}

        /** Waits until everything is durable, and room has come back. */
        record Commit() implements Step {}
    }

    private record Waiting(int attempt, long reached) {}

    private record Leased(long id, Value value) {}

    private final List<Step> steps;
    private final ToLongFunction<QueueCore> acknowledged;
    private final LogOptions options = LogOptions.DEFAULTS
            .withSegmentBytes(64 << 10)
            .withBatches(2, 16 << 10)
            .withEagerBytes(8 << 10)
            .withSalts(() -> 0x5eed_0f_5a17L);

    private @Nullable QueueCore queue;
    private @Nullable StorageController device;
    private final Deque<Waiting> offers = new ArrayDeque<>();
    private final Deque<Waiting> acks = new ArrayDeque<>();
    private final List<Leased> leases = new ArrayList<>();
    private long serial;

    /**
     * @param acknowledged how many acknowledgements the harness reports as durable:
     *     {@code QueueCore::acknowledgedDurably}, if it is honest
     */
    QueueSubject(List<Step> steps, ToLongFunction<QueueCore> acknowledged) {
        this.steps = steps;
        this.acknowledged = acknowledged;
    }

    /** A subject that works through a workload with a name, or one that is written out. */
    QueueSubject(String workload) {
        this(QueueWorkloads.of(workload), QueueCore::acknowledgedDurably);
    }

    @Override
    public QueueState open(Life<QueueOp> life) throws IOException {
        try {
            return recover(life);
        } catch (LogCorruptException damaged) {
            throw new IOException("found damaged when read: " + damaged.getMessage(), damaged);
        }
    }

    private QueueState recover(Life<QueueOp> life) throws IOException {
        StorageController controller = life.controller();
        Vsic vsic = controller.createVsic("queue", VsicOptions.DEFAULTS);
        Vsa area = controller.attach(
                vsic, 7, List.of(new Extent(0, controller.media().size())), Rights.READ_WRITE);
        QueueCore opened = QueueCore.open(
                vsic,
                area,
                controller,
                life.time(),
                options.withClock(life.time()).withMemory(RecycledMemory.ofThisThread()),
                new QueueOptions(8, 2));
        device = controller;
        queue = opened;
        if (opened.tail() instanceof LogTail.Corrupt corrupt) {
            // Right after damage; the explorer takes no refusal after a mere power loss.
            throw new IOException("taken for corruption: " + corrupt);
        }
        List<QueueState.Item> items = new ArrayList<>();
        opened.forEachWaiting((id, redelivered, segment, offset, length) ->
                items.add(new QueueState.Item(id, redelivered, Value.read(segment, offset, length))));
        if (items.size() != opened.size()) {
            throw new AssertionError(items.size() + " items in a queue that says it has " + opened.size());
        }
        return new QueueState(List.copyOf(items));
    }

    @Override
    public void work(Life<QueueOp> life) throws IOException {
        try {
            takeSteps(life);
        } catch (LogCorruptException damaged) {
            throw new IOException("found damaged when read: " + damaged.getMessage(), damaged);
        }
    }

    private void takeSteps(Life<QueueOp> life) throws IOException {
        QueueCore opened = Objects.requireNonNull(queue);
        for (Step step : steps) {
            switch (step) {
                case Step.Offer offer -> offer(life, opened, offer.lengths);
                case Step.Take take -> take(life, opened, take.count);
                case Step.Lease lease -> lease(life, opened, lease.count);
                case Step.Ack(int nth) -> {
                    if (nth < leases.size()) {
                        Leased lease = leases.remove(nth);
                        attemptAck(life, opened, lease.value, () -> opened.ack(lease.id));
                    }
                }
                case Step.Nack(int nth) -> {
                    if (nth < leases.size()) {
                        opened.nack(leases.remove(nth).id);
                    }
                }
                case Step.CommitSoon soon -> {
                    opened.commit();
                    for (int i = 0; i < 3; i++) {
                        turn(life, opened);
                    }
                }
                case Step.Commit commit -> commit(life, opened);
            }
            if (opened.isFailed()) {
                return;
            }
        }
    }

    private void offer(Life<QueueOp> life, QueueCore opened, int... lengths) throws IOException {
        for (int length : lengths) {
            long end = opened.claim(length);
            while (end == LogCore.BUSY) {
                opened.commit();
                turn(life, opened);
                end = opened.claim(length);
            }
            if (end < 0) {
                return;
            }
            long number = (life.number() + 1L) << 32 | serial++;
            Value value = Value.fill(number, opened.claimedSegment(), opened.claimedOffset(), length);
            offers.add(new Waiting(life.attempt(new QueueOp.Offer(value)), end));
            opened.publish();
        }
    }

    private void take(Life<QueueOp> life, QueueCore opened, int count) {
        for (int i = 0; i < count && opened.hasAckRoom() && opened.next(); i++) {
            attemptAck(life, opened, found(opened), opened::take);
        }
    }

    private void attemptAck(Life<QueueOp> life, QueueCore opened, Value value, Runnable ack) {
        int attempt = life.attempt(new QueueOp.Ack(value));
        ack.run();
        acks.add(new Waiting(attempt, opened.acknowledged()));
    }

    private void lease(Life<QueueOp> life, QueueCore opened, int count) throws IOException {
        for (int i = 0; i < count && opened.next(); i++) {
            Value value = found(opened);
            long id = opened.id();
            QueueCore.Leasing leasing = opened.lease();
            if (leasing == QueueCore.Leasing.NOT_YET) {
                opened.commit();
                leasing = opened.next() ? opened.lease() : leasing;
            }
            if (leasing == QueueCore.Leasing.NOT_YET) {
                commit(life, opened);
                leasing = opened.next() && opened.id() == id ? opened.lease() : QueueCore.Leasing.TOO_MANY;
            }
            if (leasing != QueueCore.Leasing.LEASED) {
                return;
            }
            leases.add(new Leased(id, value));
            life.acknowledge(life.attempt(new QueueOp.Lease(value)));
        }
    }

    private static Value found(QueueCore opened) {
        return Value.read(opened.segment(), opened.offset(), opened.length());
    }

    private void commit(Life<QueueOp> life, QueueCore opened) throws IOException {
        opened.commit();
        while (!opened.isFailed() && turn(life, opened)) {
            acknowledge(life, opened);
        }
    }

    /** One turn of the loop that an application would run. Returns whether there may be more to do. */
    private boolean turn(Life<QueueOp> life, QueueCore opened) throws IOException {
        StorageController controller = Objects.requireNonNull(device);
        int work = controller.poll() + opened.poll();
        acknowledge(life, opened);
        long idle = controller.idleNanos();
        if (work == 0 && idle > 0 && idle < Long.MAX_VALUE) {
            life.time().await(idle);
            return true;
        }
        return work > 0;
    }

    private void acknowledge(Life<QueueOp> life, QueueCore opened) {
        while (!offers.isEmpty() && offers.getFirst().reached <= opened.durable()) {
            life.acknowledge(offers.removeFirst().attempt);
        }
        while (!acks.isEmpty() && acks.getFirst().reached <= acknowledged.applyAsLong(opened)) {
            life.acknowledge(acks.removeFirst().attempt);
        }
    }

    @Override
    public void check(QueueState before, List<Deed<QueueOp>> deeds, QueueState after) {
        QueueState.check(before, deeds, after);
    }

    @Override
    public void close() {
        if (queue != null) {
            try {
                queue.close();
            } catch (LogFailedException expected) {
                // Acknowledgements that found no room are not durable, and were not said to be.
                assert queue.isFailed() || String.valueOf(expected.getMessage()).contains("found no room") : expected;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
