package io.sietch.redis;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A keyspace with a journal and a clock that the test moves, asked in text where each character is one byte. */
final class KeyspaceHarness implements AutoCloseable {
    static final long START = 1_700_000_000_000L;

    final FakeJournal journal;
    final Keyspace keyspace;
    final CommandTable table = new CommandTable();
    final TextReply reply = new TextReply();
    long now = START;
    /** What the last request has to wait for. */
    long position;

    KeyspaceHarness() {
        this(new FakeJournal());
    }

    KeyspaceHarness(FakeJournal journal) {
        this.journal = journal;
        this.keyspace = new Keyspace(journal, () -> now, new SplittableRandom(1));
        keyspace.register(table);
    }

    static Request request(String... arguments) {
        byte[][] bytes = new byte[arguments.length][];
        for (int i = 0; i < arguments.length; i++) {
            bytes[i] = arguments[i].getBytes(StandardCharsets.ISO_8859_1);
        }
        return Request.of(bytes);
    }

    /** The reply as RESP2; {@code RETRY} if the request is to be presented again. */
    String run(String... arguments) {
        position = table.execute(request(arguments), reply, ClientContext.NONE);
        String text = reply.take();
        return position == CommandHandler.RETRY ? "RETRY" : text;
    }

    /** Runs the words of a line; {@code ''} is the empty one. */
    String line(String words) {
        String[] arguments = words.split(" ");
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = arguments[i].equals("''") ? "" : arguments[i];
        }
        return run(arguments);
    }

    /** Applies the records of a journal, in order. */
    void replay(List<FakeJournal.Entry> entries) {
        try (Arena arena = Arena.ofConfined()) {
            for (FakeJournal.Entry entry : entries) {
                MemorySegment record = arena.allocate(entry.bytes().length + 3L);
                MemorySegment.copy(entry.bytes(), 0, record, ValueLayout.JAVA_BYTE, 3, entry.bytes().length);
                journal.adopt(entry);
                keyspace.apply(record, 3, entry.bytes().length, entry.end());
            }
        } catch (EffectException e) {
            throw new AssertionError(e);
        }
    }

    /** Every entry as it lies in memory, past its time or not: value and time to live by key. */
    TreeMap<String, String> dump() {
        return dump(keyspace);
    }

    /** As {@link #dump()}, of any keyspace. */
    static TreeMap<String, String> dump(Keyspace keyspace) {
        TreeMap<String, String> dump = new TreeMap<>();
        Store store = keyspace.store();
        long cursor = 0;
        do {
            cursor = store.scan(cursor, position -> {
                Item item = store.item().moveTo(position);
                dump.put(key(item), value(item) + " until " + item.expireAt());
            });
        } while (cursor != 0);
        return dump;
    }

    static String key(Item item) {
        return text(item.keySegment(), item.keyOffset(), item.keyLength());
    }

    static String value(Item item) {
        return text(item.valueSegment(), item.valueOffset(), item.valueLength());
    }

    private static String text(MemorySegment memory, long offset, int length) {
        byte[] bytes = memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        keyspace.close();
    }
}
