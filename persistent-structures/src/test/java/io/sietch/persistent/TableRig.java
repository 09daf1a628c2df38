package io.sietch.persistent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsic.Media;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A table on a {@link LogRig}, with strings for keys and values. */
final class TableRig {
    final LogRig log;
    TableOptions options = TableOptions.DEFAULTS.withSeeds(() -> 1).withIndexLines(16);

    TableRig(Media media) {
        this.log = new LogRig(media);
    }

    TableCore open() throws IOException {
        return TableCore.open(log.open(), options);
    }

    static MemorySegment bytes(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return Arena.ofAuto().allocate(Math.max(1, bytes.length)).copyFrom(MemorySegment.ofArray(bytes));
    }

    private static int length(String text) {
        return text.getBytes(UTF_8).length;
    }

    void poll(TableCore table) {
        table.poll();
        log.controller.poll();
        log.now++;
    }

    /** Polls until nothing moves. */
    void settle(TableCore table) {
        while (table.poll() + log.controller.poll() > 0) {
            log.now++;
        }
    }

    void commit(TableCore table) {
        table.commit();
        settle(table);
    }

    /** Puts, polling while the table is busy. */
    long put(TableCore table, String key, String value) {
        return put(table, key, value, TableRecordFormat.NEVER);
    }

    /** As {@link #put}, until a time. */
    long put(TableCore table, String key, String value, long expiry) {
        long end = LogCore.BUSY;
        for (int i = 0; end == LogCore.BUSY; i++) {
            end = table.put(bytes(key), 0, length(key), bytes(value), 0, length(value), expiry);
            if (end == LogCore.BUSY) {
                assertThat(i).as("turns without room").isLessThan(100_000);
                table.commit();
                poll(table);
            }
        }
        return end;
    }

    long remove(TableCore table, String key) {
        long end = LogCore.BUSY;
        for (int i = 0; end == LogCore.BUSY; i++) {
            end = table.remove(bytes(key), 0, length(key));
            if (end == LogCore.BUSY) {
                assertThat(i).as("turns without room").isLessThan(100_000);
                table.commit();
                poll(table);
            }
        }
        return end;
    }

    /** A record of items, "key=value" to put and "key" to remove. */
    static MemorySegment record(String... items) {
        long bytes = 0;
        for (String item : items) {
            bytes += TableRecordFormat.itemBytes(length(item.replaceFirst("=", "")), 0);
        }
        MemorySegment record = Arena.ofAuto().allocate(bytes, 8);
        long at = 0;
        for (String item : items) {
            String[] parts = item.split("=", 2);
            String value = parts.length == 2 ? parts[1] : "";
            int kind = parts.length == 2 ? TableRecordFormat.PUT : TableRecordFormat.REMOVE;
            TableRecordFormat.writeHeader(record, at, kind, length(parts[0]), length(value));
            byte[] both = (parts[0] + value).getBytes(UTF_8);
            MemorySegment.copy(both, 0, record, ValueLayout.JAVA_BYTE, at + TableRecordFormat.KEY, both.length);
            at += TableRecordFormat.itemBytes(record, at);
        }
        return record;
    }

    private static String text(MemorySegment segment, long offset, int length) {
        return new String(segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), UTF_8);
    }

    static String key(TableItem item) {
        return text(item.segment(), item.keyOffset(), item.keyLength());
    }

    static String value(TableItem item) {
        return text(item.segment(), item.valueOffset(), item.valueLength());
    }

    /** The newest value. */
    @Nullable
    String newest(TableCore table, String key) {
        return table.find(bytes(key), 0, length(key)) ? value(table.item()) : null;
    }

    /** The value that readers find. */
    @Nullable
    String durable(TableCore table, String key) {
        try (TableReader reader = table.read()) {
            return reader.find(bytes(key), 0, length(key)) ? value(reader.item()) : null;
        }
    }

    /** The value that a snapshot has. */
    @Nullable
    String at(FrozenTable snapshot, String key) {
        try (TableReader reader = snapshot.read()) {
            return reader.find(bytes(key), 0, length(key)) ? value(reader.item()) : null;
        }
    }

    /** What a walk shows: each key once. */
    TreeMap<String, String> all(TableCore table) {
        return all(table::read);
    }

    /** What a walk over a table or a snapshot shows: each key once. */
    TreeMap<String, String> all(Supplier<TableReader> reading) {
        TreeMap<String, String> all = new TreeMap<>();
        TableIndex.Walk walk = new TableIndex.Walk();
        while (!walk.isAtEnd()) {
            try (TableReader reader = reading.get()) {
                reader.next(walk, position -> {
                    reader.item().moveTo(position);
                    assertThat(all.put(key(reader.item()), value(reader.item())))
                            .as("a key that was shown before")
                            .isNull();
                });
            }
        }
        return all;
    }
}
