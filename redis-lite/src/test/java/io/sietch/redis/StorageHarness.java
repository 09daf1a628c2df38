package io.sietch.redis;

import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogCursor;
import io.sietch.vsa.ControlPlane;
import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.LatencyModel;
import io.sietch.vsic.Media;
import io.sietch.vsic.MediaCharacteristics;
import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keyspace, journal and upkeep on a real log in a small medium, on the test's own thread and clock. Each request is
 * executed as the reactor would, and its reply taken when it is durable.
 */
final class StorageHarness implements AutoCloseable {
    static final int SEGMENT = 64 << 10;
    private static final long START = 1_700_000_000_000L;
    private static final long TURN_NANOS = 1000;

    /** A request that is told to wait must get its turn; nothing here needs so many. */
    private static final int MOST_TURNS = 1_000_000;

    private final TestMedia media;
    private final ServerConfig config = new ServerConfig();
    private final TextReply reply = new TextReply();
    /** What waits for the medium, and whether it is done at once. */
    final Queue<Runnable> helper = new ArrayDeque<>();

    boolean helperWorks = true;
    private int openings;
    boolean diskIsFull;
    long now = 1;
    /** What the last request had to wait for. */
    long position;

    /** What the last opening went through. */
    Recovery.Recovered recovered;

    Storage storage;
    Keyspace keyspace;
    private CommandTable table;
    private @Nullable Upkeep upkeep;

    /** Memory that refuses to grow while the disk is full, and survives its closing. */
    private final class TestMedia implements Media {
        private final RamMedia memory;

        TestMedia(RamMedia memory) {
            this.memory = memory;
        }

        @Override
        public long size() {
            return memory.size();
        }

        @Override
        public int blockSize() {
            return memory.blockSize();
        }

        @Override
        public MediaCharacteristics characteristics() {
            return memory.characteristics();
        }

        @Override
        public void read(long offset, DmaBuffer target, int targetOffset, int length) {
            memory.read(offset, target, targetOffset, length);
        }

        @Override
        public void write(long offset, DmaBuffer source, int sourceOffset, int length) {
            memory.write(offset, source, sourceOffset, length);
        }

        @Override
        public void flush() {
            memory.flush();
        }

        @Override
        public void deallocate(long offset, long length) {
            memory.deallocate(offset, length);
        }

        @Override
        public MemorySegment view(long offset, long length, Arena arena) {
            return memory.view(offset, length, arena);
        }

        @Override
        public void grow(long newSize) throws IOException {
            if (diskIsFull) {
                throw new IOException("No space left on the test's device");
            }
            memory.grow(newSize);
        }

        @Override
        public void close() {
            // the harness closes the memory
        }
    }

    StorageHarness(int segments, int maxSegments) {
        this(segments, maxSegments, true);
    }

    /**
     * @param segments of the log at first
     * @param maxSegments up to which it may grow
     * @param keepsRoom false: until the first restart, the log is filled to its end
     */
    StorageHarness(int segments, int maxSegments, boolean keepsRoom) {
        long catalogue = ControlPlane.minimumBytes(ControlPlane.DEFAULT_UNIT_BYTES) - SEGMENT;
        long maxBytes = catalogue + (long) maxSegments * SEGMENT;
        media = new TestMedia(new RamMedia(catalogue + (long) segments * SEGMENT, maxBytes, 4096, LatencyModel.NONE));
        try {
            config.set("log-segment-size", List.of("" + SEGMENT));
            config.set("device-max-size", List.of("" + maxBytes));
            ControlPlane.format(media);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e);
        }
        open(keepsRoom);
    }

    /** From the next restart on, the index is copied into the log when so many bytes were appended. */
    void copyIndexEach(long bytes) {
        try {
            config.set("log-checkpoint-interval", List.of("" + bytes));
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** What replaying all of the log gives. */
    Keyspace replayedFromHead() throws EffectException {
        Keyspace all = new Keyspace(storage.journal(), () -> START + now / 1_000_000, new SplittableRandom(2));
        LogCore log = storage.journal().log();
        try (LogCursor cursor = log.cursor(log.head())) {
            while (cursor.next()) {
                all.apply(cursor.segment(), cursor.offset(), cursor.length(), cursor.end());
            }
        }
        return all;
    }

    private void open(boolean keepsRoom) {
        try {
            storage = Storage.open(media, "memory", config, ControllerOptions.inline(() -> now));
            keyspace = new Keyspace(storage.journal(), () -> START + now / 1_000_000, new SplittableRandom(++openings));
            recovered = storage.recover(keyspace);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        table = new CommandTable();
        keyspace.register(table);
        upkeep = keepsRoom ? newUpkeep() : null;
    }

    private Upkeep newUpkeep() {
        return new Upkeep(storage, keyspace, recovered.from(), config.deviceMaxSize(), this::help, () -> {});
    }

    private void help(Runnable task) {
        if (helperWorks) {
            task.run();
        } else {
            helper.add(task);
        }
    }

    /** Lets the first byte of a text decay, wherever the medium holds it. */
    void decay(String text) {
        byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
        MemorySegment all = media.memory.view(0, media.size(), Arena.global());
        long at = 0;
        while (all.asSlice(at, wanted.length).mismatch(MemorySegment.ofArray(wanted)) >= 0) {
            at++;
        }
        int block = media.blockSize();
        DmaBuffer buffer = DmaBuffer.allocate(block, block, Arena.ofAuto());
        long from = at / block * block;
        media.read(from, buffer, 0, block);
        buffer.segment().set(ValueLayout.JAVA_BYTE, at - from, (byte) ~wanted[0]);
        media.write(from, buffer, 0, block);
    }

    LogCheckup checkup() {
        return Objects.requireNonNull(upkeep, "this log is left to itself").checkup();
    }

    /** What a kill leaves: the medium. */
    void restart() {
        keyspace.close();
        open(true);
    }

    /** One turn of the server's loop without a request. */
    int turn() {
        now += TURN_NANOS;
        return storage.journal().poll() + (upkeep == null ? 0 : upkeep.poll(now));
    }

    /** Turns until nothing moves. */
    void settle() {
        for (int i = 0; turn() > 0; i++) {
            if (i == MOST_TURNS) {
                throw new AssertionError("upkeep goes on for ever: " + describe());
            }
        }
    }

    /** Executes a request once; {@code RETRY} if it has to be presented again. */
    String ask(String... arguments) {
        position = table.execute(KeyspaceHarness.request(arguments), reply, ClientContext.NONE);
        String text = reply.take();
        return position == CommandHandler.RETRY ? "RETRY" : text;
    }

    /** Executes a request, in as many turns as it takes, and makes it durable. */
    String run(String... arguments) {
        for (int i = 0; i < MOST_TURNS; i++) {
            String text = ask(arguments);
            if (!text.equals("RETRY")) {
                makeDurable(position);
                turn();
                return text;
            }
            turn();
        }
        throw new AssertionError(arguments[0] + " " + arguments[1] + " waits for ever: " + describe());
    }

    /** Executes a request as one of many that arrive at once: there is a turn only when it has to wait. */
    String rush(String... arguments) {
        for (int i = 0; i < MOST_TURNS; i++) {
            String text = ask(arguments);
            if (!text.equals("RETRY")) {
                return text;
            }
            storage.journal().commit(false);
            turn();
        }
        throw new AssertionError(arguments[0] + " " + arguments[1] + " waits for ever: " + describe());
    }

    /** Makes everything durable. */
    void sync() {
        makeDurable(storage.journal().appended());
    }

    private void makeDurable(long until) {
        LogJournal journal = storage.journal();
        journal.commit(false);
        for (int i = 0; journal.durable() < until; i++) {
            if (i == MOST_TURNS) {
                throw new AssertionError("position " + until + " never becomes durable: " + describe());
            }
            now += TURN_NANOS;
            journal.poll();
        }
    }

    TreeMap<String, String> dump() {
        return KeyspaceHarness.dump(keyspace);
    }

    String describe() {
        return storage.journal().log().freeBytes() + " bytes of the log are free, " + keyspace.liveBytes()
                + " bytes are live";
    }

    @Override
    public void close() {
        keyspace.close();
        media.memory.close();
    }
}
