package io.sietch.crash.log;

import io.sietch.crash.CrashSubject;
import io.sietch.crash.Deed;
import io.sietch.crash.Fault;
import io.sietch.crash.Life;
import io.sietch.crash.RecycledMemory;
import io.sietch.persistent.LogCheck;
import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogCorruptException;
import io.sietch.persistent.LogCursor;
import io.sietch.persistent.LogFailedException;
import io.sietch.persistent.LogOptions;
import io.sietch.persistent.LogTail;
import io.sietch.vsic.Extent;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** A {@link LogCore} in an area of its own, working through a list of steps in each life. */
final class LogSubject implements CrashSubject<LogState, LogOp> {
    /** One step of a workload. */
    sealed interface Step {
        /** Appends records of these lengths, without asking for anything. */
        record Append(int... lengths) implements Step {}

        /** Appends records of these lengths, and waits until they are durable. */
        record Commit(int... lengths) implements Step {}

        /** Waits until what was appended is written, and does not ask for a flush. */
        record Write() implements Step {}

        /** Appends records of these lengths, and asks after each that it be durable, without waiting. */
        record Stream(int... lengths) implements Step {}

        /** Trims up to the n-th last record, and does not wait. */
        record TrimSoon(int keep) implements Step {}

        /** Trims up to the n-th last record, and waits until that is durable. */
        record Trim(int keep) implements Step {}
    }

    private static final int POISON_TURNS = 20;
    private static final long POISON_NANOS = 10_000;
    private static final long SALT = 0x5eed_0f_5a17L;

    /** As many commands as a log of two batches has under way, and few entries to make for each life. */
    private static final int QUEUE_DEPTH = 8;

    private static final int SEGMENT_BYTES = 64 << 10;

    private final List<Step> steps;
    private int area = 7;
    private int halves = 1;
    private int firstHalf;
    private LogOptions options;
    private final ToLongFunction<LogCore> acknowledged;
    private @Nullable LogCore log;
    private @Nullable StorageController device;

    private @Nullable Fault fault;

    /** Appends not yet acknowledged, oldest first, by number and END position. */
    private final Deque<long[]> waiting = new ArrayDeque<>();

    private final List<LogState.Record> records = new ArrayList<>();
    private long serial;
    private boolean worked;
    private int trimming = -1;
    private long trimmingTo;

    /**
     * @param acknowledged up to which position the harness reports success: {@code LogCore::durable}, if it is honest
     */
    LogSubject(List<Step> steps, int segmentBytes, ToLongFunction<LogCore> acknowledged) {
        this.steps = steps;
        this.options = LogOptions.DEFAULTS
                .withSegmentBytes(segmentBytes)
                .withBatches(2, 16 << 10)
                .withEagerBytes(8 << 10)
                .withSalts(() -> SALT);
        this.acknowledged = acknowledged;
    }

    LogSubject(List<Step> steps) {
        this(steps, SEGMENT_BYTES, LogCore::durable);
    }

    /** A subject that works through a workload with a name, or one that is written out. */
    LogSubject(String workload) {
        this(LogWorkloads.of(workload));
    }

    /** The same on a device with a fault. */
    LogSubject with(Fault newFault) {
        fault = newFault;
        return this;
    }

    /** The same, and each opening checks the tail alone: after it was seen that checking all finds the same. */
    LogSubject checkingTheTail() {
        options = options.withCheck(LogCheck.TAIL);
        return this;
    }

    int area() {
        return area;
    }

    /** The same in one of two areas that share the medium. */
    LogSubject inHalf(int half) {
        area += half;
        halves = 2;
        firstHalf = half;
        return this;
    }

    /** Whoever gives out areas has written down where they are, and sees when the medium ends earlier. */
    private List<Extent> extents(StorageController controller) throws IOException {
        long whole = controller.media().size();
        if (halves > 1 && whole % ((long) halves * SEGMENT_BYTES) != 0) {
            throw new IOException("the medium was cut to " + whole + " bytes");
        }
        long size = whole / halves;
        return List.of(new Extent(firstHalf * size, size));
    }

    private @Nullable LogTail tailIfAllIsChecked(Life<LogOp> life, StorageController controller) throws IOException {
        Vsic vsic = controller.createVsic("reader", VsicOptions.DEFAULTS.withDepth(QUEUE_DEPTH));
        Vsa handle = controller.attach(vsic, area, extents(controller), Rights.READ_ONLY);
        try (LogCore reader =
                LogCore.open(vsic, handle, controller, life.time(), options.withCheck(LogCheck.EVERYTHING))) {
            return reader.tail();
        } catch (IOException notFormatted) {
            return null;
        }
    }

    @Override
    public LogState open(Life<LogOp> life) throws IOException {
        if (fault != null) {
            life.media().inject(fault);
        }
        return open(life, RecycledMemory.ofThisThread());
    }

    LogState open(Life<LogOp> life, SegmentAllocator memory) throws IOException {
        StorageController controller = life.controller();
        LogTail all = options.check() == LogCheck.TAIL ? tailIfAllIsChecked(life, controller) : null;
        Vsic vsic = controller.createVsic("log", VsicOptions.DEFAULTS.withDepth(QUEUE_DEPTH));
        Vsa handle = controller.attach(vsic, area, extents(controller), Rights.READ_WRITE);
        LogCore opened = LogCore.open(
                vsic,
                handle,
                controller,
                life.time(),
                options.withClock(life.time()).withMemory(memory));
        device = controller;
        log = opened;
        if (all != null && !all.equals(opened.tail())) {
            throw new AssertionError("found " + all + " when everything was checked, and " + opened.tail() + " after");
        }
        if (opened.tail() instanceof LogTail.Corrupt corrupt) {
            // Right after damage; after a mere power loss it breaks L5, and the explorer takes no refusal then.
            throw new IOException("L5: taken for corruption: " + corrupt);
        }
        try {
            readAll(opened);
        } catch (LogCorruptException damaged) {
            throw new IOException("L5: found damaged when read: " + damaged.getMessage(), damaged);
        }
        return new LogState(opened.head(), opened.written(), List.copyOf(records));
    }

    private void readAll(LogCore opened) {
        LogCursor cursor = opened.cursor(opened.head());
        while (cursor.next()) {
            LogOp.Payload payload = LogOp.Payload.read(cursor.segment(), cursor.offset(), cursor.length());
            records.add(new LogState.Record(cursor.start(), cursor.end(), payload.length(), payload.digest()));
        }
    }

    @Override
    public void work(Life<LogOp> life) throws IOException {
        LogCore opened = Objects.requireNonNull(log);
        worked = true;
        for (Step step : steps) {
            switch (step) {
                case Step.Append append -> append(life, opened, append.lengths);
                case Step.Commit commit -> {
                    append(life, opened, commit.lengths);
                    opened.commit();
                    pump(life, opened, opened.appended(), LogCore::durable);
                }
                case Step.Write write -> {
                    opened.submit();
                    pump(life, opened, opened.appended(), LogCore::written);
                }
                case Step.Stream stream -> {
                    for (int length : stream.lengths) {
                        append(life, opened, length);
                        opened.commit();
                        // A full log has taken nothing, and there is nothing to wait for.
                        if (!opened.isFailed() && opened.durable() < opened.appended()) {
                            turn(life, opened);
                        }
                        // Less than a write takes, so that several are under way, each at another stage.
                        life.time().advance(300);
                    }
                }
                case Step.Trim trim -> {
                    trim(life, opened, trim.keep);
                    pump(life, opened, trimmingTo, LogCore::trimmed);
                }
                case Step.TrimSoon trim -> trim(life, opened, trim.keep);
            }
            if (opened.isFailed()) {
                checkPoison(life, opened);
                return;
            }
        }
    }

    /** A log that has failed takes nothing, acknowledges nothing, and can still be read. */
    private void checkPoison(Life<LogOp> life, LogCore opened) throws IOException {
        long durable = opened.durable();
        long trimmed = opened.trimmed();
        require(opened.claim(8) == LogCore.FAILED, "a failed log takes a record");
        opened.commit();
        for (int i = 0; i < POISON_TURNS; i++) {
            Objects.requireNonNull(device).poll();
            opened.poll();
            life.time().advance(POISON_NANOS);
        }
        require(opened.durable() == durable && opened.trimmed() == trimmed, "a failed log goes on");
        long last = opened.head();
        try {
            LogCursor cursor = opened.cursor(last);
            while (cursor.next()) {
                last = cursor.end();
            }
        } catch (LogCorruptException e) {
            // The device may have thrown away what was never durable.
            require(e.position() >= durable, "a failed log cannot be read: " + e.getMessage());
        }
        require(last >= durable || opened.head() == durable, "a failed log can be read to " + last + " only");
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }

    private void append(Life<LogOp> life, LogCore opened, int... lengths) throws IOException {
        for (int length : lengths) {
            long end = opened.claim(length);
            while (end == LogCore.BUSY) {
                turn(life, opened);
                end = opened.claim(length);
            }
            if (end < 0) {
                return;
            }
            String name = "life " + life.number() + " record " + serial++;
            LogOp.Payload payload = LogOp.Payload.fill(
                    name,
                    (life.number() + 1L) << 32 | (long) area << 16 | serial,
                    opened.claimedSegment(),
                    opened.claimedOffset(),
                    length);
            LogOp.Append append = new LogOp.Append(area, payload, end);
            waiting.add(new long[] {life.attempt(append), end});
            records.add(LogState.Record.of(append));
            opened.publish();
        }
    }

    private void trim(Life<LogOp> life, LogCore opened, int keep) {
        if (records.size() <= keep) {
            return;
        }
        long position = records.get(records.size() - 1 - keep).end();
        if (position <= opened.durable() && position > trimmingTo) {
            trimming = life.attempt(new LogOp.Trim(area, position));
            trimmingTo = position;
            opened.trim(position);
        }
    }

    private void pump(Life<LogOp> life, LogCore opened, long target, ToLongFunction<LogCore> reached)
            throws IOException {
        while (reached.applyAsLong(opened) < target && !opened.isFailed()) {
            turn(life, opened);
        }
        acknowledge(life, opened);
    }

    /** One turn of the loop that an application would run. */
    private void turn(Life<LogOp> life, LogCore opened) throws IOException {
        StorageController controller = Objects.requireNonNull(device);
        int work = controller.poll() + opened.poll();
        acknowledge(life, opened);
        if (work == 0) {
            life.time().await(controller.idleNanos());
        }
    }

    private void acknowledge(Life<LogOp> life, LogCore opened) {
        long position = acknowledged.applyAsLong(opened);
        while (!waiting.isEmpty() && waiting.getFirst()[1] <= position) {
            life.acknowledge((int) waiting.removeFirst()[0]);
        }
        if (trimming >= 0 && opened.trimmed() >= trimmingTo) {
            life.acknowledge(trimming);
            trimming = -1;
        }
    }

    @Override
    public void check(LogState before, List<Deed<LogOp>> deeds, LogState after) {
        LogState.check(before, deeds, after);
    }

    @Override
    public void close() {
        // A log that nothing was appended to holds nothing that the collector does not free.
        if (log == null || !worked) {
            return;
        }
        try {
            log.close();
        } catch (LogFailedException expected) {
            // A fault was injected on purpose; the buffers are free.
            assert log.isFailed() : expected;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
