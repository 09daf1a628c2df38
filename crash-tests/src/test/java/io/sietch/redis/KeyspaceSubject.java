package io.sietch.redis;

import io.sietch.crash.CrashSubject;
import io.sietch.crash.Deed;
import io.sietch.crash.Life;
import io.sietch.crash.RecycledMemory;
import io.sietch.persistent.IndexCheckpoint;
import io.sietch.persistent.LogCheck;
import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogCorruptException;
import io.sietch.persistent.LogCursor;
import io.sietch.persistent.LogFailedException;
import io.sietch.persistent.LogOptions;
import io.sietch.persistent.LogSpace;
import io.sietch.persistent.LogTail;
import io.sietch.vsic.Extent;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * The keyspace on its log, driven as the reactor drives it: execute, commit once in a turn, release what is durable. In
 * a workload, {@code !} waits until everything is durable; {@code ~} lets two seconds pass and removes what is past its
 * time; {@code ^} cleans the log up to its durable end; after {@code +} it is cleaned by segments, as the server does
 * it; after {@code &} the index is copied into the log now and then; all other lines are requests, which are not waited
 * for. There {@code %} stands for the number of the life, {@code #} for 5,000 x.
 */
@NullMarked
final class KeyspaceSubject implements CrashSubject<KeyspaceState, KeyspaceOp> {
    private static final long START = 1_700_000_000_000L;
    private static final long HOUR = 3_600_000;
    private static final long CHECKPOINT_INTERVAL = 4096;

    /** Longer than a block. */
    private static final String LONG = "x".repeat(5000);

    /** Whether replies wait for what they saw; false makes the mistake that oracle R2 is for. */
    enum Reads {
        WAIT,
        DO_NOT_WAIT
    }

    private final List<String> lines;
    private final Reads reads;
    private final Answers answers = new Answers();
    private final CommandTable table = new CommandTable();
    private final Deque<long[]> waiting = new ArrayDeque<>();
    private @Nullable LogCore log;
    private @Nullable LogJournal journal;
    private @Nullable Keyspace keyspace;
    private @Nullable LogSpace space;
    private @Nullable IndexCheckpoint checkpoint;
    private @Nullable StorageController device;
    private long recoveredFrom;
    private long startedAt;
    private long waited;

    /** A subject with its workload in one string, parted by semicolons. */
    KeyspaceSubject(String lines) {
        this(List.of(lines.split(";")), Reads.WAIT);
    }

    KeyspaceSubject(List<String> lines, Reads reads) {
        this.lines = lines;
        this.reads = reads;
    }

    private long now() {
        return startedAt + waited;
    }

    @Override
    public KeyspaceState open(Life<KeyspaceOp> life) throws IOException {
        startedAt = START + life.number() * HOUR;
        StorageController controller = life.controller();
        Vsic vsic = controller.createVsic("redis", VsicOptions.DEFAULTS);
        Vsa area = controller.attach(
                vsic, 9, List.of(new Extent(0, controller.media().size())), Rights.READ_WRITE);
        RecycledMemory memory = RecycledMemory.ofThisThread();
        LogOptions options = LogOptions.DEFAULTS
                .withSegmentBytes(64 << 10)
                .withBatches(2, 16 << 10)
                .withEagerBytes(8 << 10)
                .withSalts(() -> 42)
                .withMemory(memory)
                .withCheck(LogCheck.TAIL)
                .withClock(life.time());
        LogCore opened = LogCore.open(vsic, area, controller, life.time(), options);
        device = controller;
        log = opened;
        journal = new LogJournal(opened, controller);
        if (opened.tail() instanceof LogTail.Corrupt corrupt) {
            throw new IOException("taken for corruption: " + corrupt);
        }
        if (opened.marked() > 0 && opened.marked() >= opened.durable()) {
            throw new IOException("the mark shows a copy of the index at position " + opened.marked()
                    + " that is not there: the log ends at " + opened.durable());
        }
        Keyspace filled = new Keyspace(journal, this::now, new SplittableRandom(life.number()), () -> memory);
        keyspace = filled;
        space = null;
        filled.register(table);
        try {
            recoveredFrom = Recovery.run(opened, filled).from();
            checkpoint = null;
            return everything();
        } catch (LogCorruptException damaged) {
            throw new IOException("found damaged when read: " + damaged.getMessage(), damaged);
        }
    }

    private KeyspaceState everything() {
        TreeMap<String, KeyspaceState.Value> data = new TreeMap<>();
        for (String key : ask("KEYS", "*")) {
            String text = ask("GET", key).getFirst();
            long expireAt = Long.parseLong(ask("PEXPIRETIME", key).getFirst());
            data.put(key, new KeyspaceState.Value(text, expireAt));
        }
        return new KeyspaceState(now(), data);
    }

    private List<String> ask(String... words) {
        table.execute(Request.of(words), answers, ClientContext.NONE);
        return answers.take();
    }

    @Override
    public void work(Life<KeyspaceOp> life) throws IOException {
        try {
            runLines(life);
        } catch (LogCorruptException damaged) {
            throw new IOException("found damaged when read: " + damaged.getMessage(), damaged);
        }
    }

    private void runLines(Life<KeyspaceOp> life) throws IOException {
        LogJournal itsJournal = Objects.requireNonNull(journal);
        for (String line : lines) {
            switch (line) {
                case "!" -> {
                    while (itsJournal.durable() < itsJournal.appended() && !itsJournal.isFailed()) {
                        turn(life, itsJournal);
                    }
                }
                case "~" -> {
                    waited += 2000;
                    Keyspace expiring = Objects.requireNonNull(keyspace);
                    expiring.expireCycle(now(), 100);
                    tell(expiring.damage());
                }
                case "^" -> clean(life, itsJournal);
                case "&" -> {
                    checkpoint =
                            KeyspaceCheckpoint.of(itsJournal, Objects.requireNonNull(keyspace), CHECKPOINT_INTERVAL);
                    checkpoint.startsFrom(recoveredFrom);
                }
                case "+" -> {
                    LogSpace kept = new LogSpace(itsJournal.log(), Objects.requireNonNull(keyspace), 0);
                    itsJournal.keepRoom(kept);
                    space = kept;
                }
                default ->
                    request(
                            life,
                            itsJournal,
                            line.replace("%", "" + life.number()).replace("#", LONG));
            }
        }
    }

    /**
     * As {@code SegmentCleaner} does it, on less than a segment: what is alive is appended again, then the old goes.
     */
    private void clean(Life<KeyspaceOp> life, LogJournal itsJournal) throws IOException {
        Keyspace filled = Objects.requireNonNull(keyspace);
        long cut = itsJournal.durable();
        LogCursor cursor = itsJournal.log().cursor(itsJournal.log().head());
        while (!itsJournal.isFailed() && cursor.next() && cursor.end() <= cut) {
            long end = filled.relocate(cursor);
            while (end == Journal.BUSY) {
                turn(life, itsJournal);
                end = filled.relocate(cursor);
            }
            if (end < 0) {
                return; // failed, or full: nothing is trimmed then
            }
        }
        itsJournal.commit(false);
        long trimWhenDurable = itsJournal.appended();
        while (itsJournal.durable() < trimWhenDurable && !itsJournal.isFailed()) {
            turn(life, itsJournal);
        }
        itsJournal.log().trim(Math.min(cut, itsJournal.durable()));
        while (itsJournal.log().trimmed() < cut && !itsJournal.isFailed()) {
            turn(life, itsJournal);
        }
    }

    private void request(Life<KeyspaceOp> life, LogJournal itsJournal, String line) throws IOException {
        KeyspaceOp operation = KeyspaceOp.of(now(), line);
        int number = life.attempt(operation);
        Request request = Request.of(operation.words().toArray(String[]::new));
        long position = table.execute(request, answers, ClientContext.NONE);
        while (position == CommandHandler.RETRY) {
            turn(life, itsJournal);
            answers.take();
            position = table.execute(request, answers, ClientContext.NONE);
        }
        List<String> reply = answers.take();
        if (!reply.isEmpty() && reply.getFirst().startsWith("-")) {
            life.withdraw(number);
            return;
        }
        boolean read = operation.words().getFirst().equals("GET");
        waiting.add(new long[] {number, read && reads == Reads.DO_NOT_WAIT ? 0 : position});
        itsJournal.commit(false);
        itsJournal.poll();
        cleanSlice();
        release(life, itsJournal);
        life.time().advance(300);
    }

    private void turn(Life<KeyspaceOp> life, LogJournal itsJournal) {
        itsJournal.commit(false); // as in every turn of the reactor: not only requests append
        int work = itsJournal.poll() + cleanSlice();
        release(life, itsJournal);
        if (work == 0) {
            life.time().await(Objects.requireNonNull(device).idleNanos());
        }
    }

    private int cleanSlice() {
        LogCore itsLog = Objects.requireNonNull(log);
        if (itsLog.isFailed()) {
            return 0;
        }
        int work = (space == null ? 0 : space.poll()) + (checkpoint == null ? 0 : checkpoint.poll());
        tell(space == null ? null : space.damage());
        tell(checkpoint == null ? null : checkpoint.damage());
        return work;
    }

    /** The server tells of it. */
    private static void tell(@Nullable LogCorruptException damage) {
        if (damage != null) {
            throw damage;
        }
    }

    private void release(Life<KeyspaceOp> life, LogJournal itsJournal) {
        waiting.removeIf(each -> {
            boolean released = each[1] <= itsJournal.durable();
            if (released) {
                life.acknowledge((int) each[0]);
            }
            return released;
        });
    }

    @Override
    public void check(KeyspaceState before, List<Deed<KeyspaceOp>> deeds, KeyspaceState after) {
        KeyspaceState.check(before, deeds, after);
    }

    @Override
    public void checkSecondRecovery(KeyspaceState once, KeyspaceState twice) {
        KeyspaceState.check(once, List.of(), twice);
    }

    @Override
    public void close() {
        if (keyspace != null) {
            keyspace.close();
        }
        if (log == null) {
            return;
        }
        try {
            log.close();
        } catch (LogFailedException expected) {
            assert log.isFailed() : expected;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
