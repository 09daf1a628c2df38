package io.sietch.persistent;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sietch.crash.CrashSubject;
import io.sietch.crash.Deed;
import io.sietch.crash.Life;
import io.sietch.crash.RecycledMemory;
import io.sietch.vsic.Extent;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * A {@link TableCore} on its log. In a workload, {@code PUT key length}, {@code PUT key length time-to-live},
 * {@code DEL key}, {@code BATCH key -key ...}, {@code SPREAD n} (a batch of n new keys), {@code CLEAR} and
 * {@code GET key} are not waited for; {@code !} waits until everything is applied, {@code ~} until nothing moves any
 * more, cleaning included; {@code .} lets a write end, {@code +} lets two seconds pass.
 *
 * <p>A microsecond of virtual time is a millisecond for what expires, and a life is as long as a thousand seconds, so
 * that it may expire while writes are under way, or in a later life.
 */
@NullMarked
final class TableSubject implements CrashSubject<TableState, TableOp> {
    /** As often as can be. */
    private static final int CHECKPOINT_BYTES = 4096;

    private static final long LIFE_MILLIS = 1_000_000;

    private final List<String> lines;
    private final Deque<long[]> waiting = new ArrayDeque<>();
    private @Nullable TableCore table;
    private @Nullable StorageController device;
    private InstantSource clock = InstantSource.fixed(Instant.EPOCH);
    private int serial;

    TableSubject(List<String> lines) {
        this.lines = lines;
    }

    /** A subject that works through a workload with a name, or one that is written out. */
    TableSubject(String workload) {
        this(TableWorkloads.of(workload));
    }

    @Override
    public TableState open(Life<TableOp> life) throws IOException {
        try {
            return recover(life);
        } catch (LogCorruptException damaged) {
            throw new IOException("found damaged when read: " + damaged.getMessage(), damaged);
        }
    }

    private TableState recover(Life<TableOp> life) throws IOException {
        StorageController controller = life.controller();
        Vsic vsic = controller.createVsic("table", VsicOptions.DEFAULTS.withDepth(8));
        Vsa area = controller.attach(
                vsic, 11, List.of(new Extent(0, controller.media().size())), Rights.READ_WRITE);
        LogOptions logOptions = LogOptions.DEFAULTS
                .withSegmentBytes(64 << 10)
                .withBatches(2, 16 << 10)
                .withEagerBytes(8 << 10)
                .withSalts(() -> 42)
                .withMemory(RecycledMemory.ofThisThread())
                .withClock(life.time());
        LogCore log = LogCore.open(vsic, area, controller, life.time(), logOptions);
        TableOptions options =
                TableOptions.DEFAULTS.withSeeds(() -> 7).withIndexLines(16).withCheckpointBytes(CHECKPOINT_BYTES);
        clock = () ->
                Instant.ofEpochMilli(life.number() * LIFE_MILLIS + life.time().nanoTime() / 1000);
        options = options.withClock(clock);
        TableCore opened = TableCore.open(log, options);
        device = controller;
        table = opened;
        return everything(opened, clock.millis());
    }

    /** All that a walk shows, which must agree with looking up and with the counters (H3, H5). */
    private static TableState everything(TableCore table, long now) {
        TreeMap<String, String> data = new TreeMap<>();
        TableIndex.Walk walk = new TableIndex.Walk();
        try (TableReader reader = table.read()) {
            while (!walk.isAtEnd()) {
                reader.next(walk, position -> {
                    TableItem item = reader.item().moveTo(position);
                    String key = text(item.segment(), item.keyOffset(), item.keyLength());
                    if (data.put(key, token(item)) != null) {
                        throw new AssertionError("H3: " + key + " is there twice");
                    }
                });
            }
        }
        data.forEach((key, value) -> {
            if (!get(table, key).equals(value)) {
                throw new AssertionError(
                        "H3: " + key + " is shown with " + value + " and found with " + get(table, key));
            }
        });
        checkCounters(table);
        return new TableState(data, now);
    }

    /** They count what has expired and was not removed, too. */
    private static void checkCounters(TableCore table) {
        TableIndex.Walk walk = new TableIndex.Walk();
        long[] found = new long[2];
        TableItem item = new TableItem(table.log());
        while (!walk.isAtEnd()) {
            table.index().next(walk, table.base(), position -> {
                item.moveTo(position);
                found[0]++;
                found[1] += item.keyLength() + item.valueLength();
            });
        }
        if (table.size() != found[0] || table.figures().keyAndValueBytes() != found[1]) {
            throw new AssertionError("H3: " + found[0] + " keys with " + found[1] + " bytes are counted as "
                    + table.size() + " with " + table.figures().keyAndValueBytes());
        }
    }

    private static String get(TableCore table, String key) {
        MemorySegment bytes = bytes(key);
        try (TableReader reader = table.read()) {
            return reader.find(bytes, 0, (int) bytes.byteSize()) ? token(reader.item()) : TableOp.REMOVED;
        }
    }

    // ---- values -------------------------------------------------------------------------------------------------

    private static MemorySegment bytes(String text) {
        return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(UTF_8));
    }

    private static String text(MemorySegment segment, long offset, int length) {
        return new String(segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), UTF_8);
    }

    /** A value: a token, and behind it as many bytes as the token says. */
    private static MemorySegment value(String token) {
        int at = token.indexOf('@');
        String length = token.substring(token.indexOf('*') + 1, at < 0 ? token.length() : at);
        byte[] value = new byte[token.length() + 1 + Integer.parseInt(length)];
        Arrays.fill(value, (byte) token.hashCode());
        System.arraycopy((token + ";").getBytes(UTF_8), 0, value, 0, token.length() + 1);
        return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, value);
    }

    private static String token(TableItem item) {
        String text = text(item.segment(), item.valueOffset(), Math.min(item.valueLength(), 40));
        String token = text.substring(0, text.indexOf(';'));
        MemorySegment value = item.segment().asSlice(item.valueOffset(), item.valueLength());
        if (value.mismatch(value(token)) >= 0) {
            throw new AssertionError("C5: the value of " + token + " has other bytes");
        }
        return token;
    }

    private String newToken(Life<TableOp> life, int length) {
        return "v" + life.number() + "." + serial++ + "*" + length;
    }

    // ---- working ------------------------------------------------------------------------------------------------

    @Override
    public void work(Life<TableOp> life) throws IOException {
        try {
            runLines(life);
        } catch (LogCorruptException damaged) {
            throw new IOException("found damaged when read: " + damaged.getMessage(), damaged);
        }
    }

    private void runLines(Life<TableOp> life) throws IOException {
        TableCore opened = Objects.requireNonNull(table);
        for (String line : lines) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "PUT" -> {
                    String token = newToken(life, Integer.parseInt(words[2]));
                    token += words.length > 3 ? "@" + (clock.millis() + Long.parseLong(words[3])) : "";
                    change(life, opened, List.of(new TableOp.Change(words[1], token)));
                }
                case "DEL" -> change(life, opened, List.of(new TableOp.Change(words[1], TableOp.REMOVED)));
                case "BATCH" -> {
                    List<TableOp.Change> changes = new ArrayList<>();
                    for (String key : List.of(words).subList(1, words.length)) {
                        changes.add(
                                key.startsWith("-")
                                        ? new TableOp.Change(key.substring(1), TableOp.REMOVED)
                                        : new TableOp.Change(key, newToken(life, 5)));
                    }
                    change(life, opened, changes);
                }
                case "SPREAD" -> {
                    List<TableOp.Change> changes = new ArrayList<>();
                    for (int i = 0; i < Integer.parseInt(words[1]); i++) {
                        changes.add(new TableOp.Change("spread" + i, newToken(life, 5)));
                    }
                    change(life, opened, changes);
                }
                case "CLEAR" -> attempt(life, opened, TableOp.clearing(), opened::clear);
                case "GET" -> life.acknowledge(life.attempt(seeing(opened, words[1])));
                case "!" -> {
                    opened.commit();
                    long appended = opened.log().appended(); // cleaning may append more, and nobody waits for that
                    while (opened.applied() < appended && !opened.log().isFailed()) {
                        turn(life, opened);
                    }
                }
                case "~" -> {
                    while (step(life, opened) > 0 || isUnderWay()) {
                        life.time().advance(500);
                    }
                }
                case "+" -> life.time().advance(2_000_000);
                case "." -> life.time().advance(1500);
                default -> throw new IllegalArgumentException(line);
            }
            opened.commit();
            step(life, opened);
            life.time().advance(300);
        }
    }

    private TableOp seeing(TableCore opened, String key) {
        return TableOp.seeing(key, get(opened, key), clock.millis());
    }

    private void change(Life<TableOp> life, TableCore opened, List<TableOp.Change> changes) throws IOException {
        TableOp operation = TableOp.changing(changes);
        TableOp.Change first = changes.getFirst();
        MemorySegment key = bytes(first.key());
        if (changes.size() > 1) {
            MemorySegment record = record(changes);
            attempt(life, opened, operation, () -> opened.append(record, 0, (int) record.byteSize()));
        } else if (first.value().equals(TableOp.REMOVED)) {
            attempt(life, opened, operation, () -> opened.remove(key, 0, (int) key.byteSize()));
        } else {
            MemorySegment value = value(first.value());
            int keyLength = (int) key.byteSize();
            int valueLength = (int) value.byteSize();
            long expiry = TableOp.expiry(first.value());
            attempt(life, opened, operation, () -> opened.put(key, 0, keyLength, value, 0, valueLength, expiry));
        }
    }

    private static MemorySegment record(List<TableOp.Change> changes) {
        RequestBuffer buffer = new RequestBuffer().begin();
        for (TableOp.Change change : changes) {
            buffer.key(Codec.utf8(), change.key());
            if (change.value().equals(TableOp.REMOVED)) {
                buffer.addRemove();
            } else {
                buffer.addPut(Codec.bytes(), value(change.value()).toArray(ValueLayout.JAVA_BYTE));
            }
        }
        return buffer.memory().asSlice(TableRequestFormat.RECORD, buffer.length() - (long) TableRequestFormat.RECORD);
    }

    /** Makes a change, waiting for room; it is acknowledged when everything up to it is applied. */
    private void attempt(Life<TableOp> life, TableCore opened, TableOp operation, LongSupplier change)
            throws IOException {
        int number = life.attempt(operation);
        long end = change.getAsLong();
        while (end == LogCore.BUSY) {
            opened.commit();
            turn(life, opened);
            end = change.getAsLong();
        }
        if (end < 0) {
            throw new IOException("refused: " + end);
        }
        waiting.add(new long[] {number, end == 0 ? opened.log().appended() : end});
    }

    /** One turn of the loop that an application would run. */
    private void turn(Life<TableOp> life, TableCore opened) throws IOException {
        if (step(life, opened) == 0) {
            life.time().await(Objects.requireNonNull(device).idleNanos());
        }
    }

    private boolean isUnderWay() {
        return Objects.requireNonNull(device).idleNanos() < Long.MAX_VALUE;
    }

    private int step(Life<TableOp> life, TableCore opened) {
        int work = Objects.requireNonNull(device).poll() + opened.poll();
        long applied = opened.applied();
        while (!waiting.isEmpty() && waiting.getFirst()[1] <= applied) {
            life.acknowledge((int) waiting.removeFirst()[0]);
        }
        return work;
    }

    @Override
    public void check(TableState before, List<Deed<TableOp>> deeds, TableState after) {
        TableState.check(before, deeds, after);
    }

    @Override
    public void checkSecondRecovery(TableState once, TableState twice) {
        TableState.checkSame(once, twice);
    }

    @Override
    public void close() {
        if (table == null) {
            return;
        }
        try {
            table.close();
        } catch (LogCorruptException told) {
            assert told.position() >= 0 : told;
        } catch (LogFailedException expected) {
            assert table.log().isFailed() : expected;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
