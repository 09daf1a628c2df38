package io.sietch.persistent;

import static io.sietch.persistent.Layouts.LONG;

import java.lang.foreign.MemorySegment;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads single values of a table without taking a seat, and so without a fence: what is found is copied, and only then
 * looked at whether any memory was used again meanwhile. Two reads after one another can so wait for memory at the same
 * time.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>What was copied counts only if {@link ReadEpochs#isStill} says so afterwards. Until then it may be anything: so
 *       lengths are checked against the memory they are in, and nothing is thrown.
 *   <li>No reference is stored where it outlives the call: the collector's barrier has a fence.
 * </ol>
 *
 * <p>Threads: any.
 */
final class TableGlance {
    /** What is seen in place of a value: who wants to know it has to take a seat. */
    static final Object UNSURE = new Object();

    private final TableCore table;
    private final ReadEpochs epochs;
    private final TableIndex index;
    private final LogCore log;
    private final LogGeometry geometry;
    private final KeyHash hash;
    private final InstantSource clock;
    private volatile boolean over;

    TableGlance(TableCore table) {
        this.table = table;
        this.epochs = table.epochs();
        this.index = table.index();
        this.log = table.log();
        this.geometry = log.geometry();
        this.hash = table.hash();
        this.clock = table.clock();
    }

    /** Compares keys, and remembers where the right one was. */
    private final class Probe implements KeyProbe {
        private final MemorySegment wanted;
        private final long wantedAt;
        private final int wantedLength;
        private MemorySegment window = MemorySegment.NULL;
        private long at;
        private long header;

        Probe(RequestBuffer key) {
            this.wanted = key.memory();
            this.wantedAt = key.keyOffset();
            this.wantedLength = key.keyLength();
        }

        @Override
        public boolean isKeyAt(long candidate) {
            window = log.window(candidate);
            at = geometry.offsetInSlot(candidate);
            header = TableRecordFormat.header(window, at, window.byteSize() - at);
            return TableRecordFormat.keyLength(header) == wantedLength
                    && at + TableRecordFormat.KEY + wantedLength <= window.byteSize()
                    && isEqual(window, at + TableRecordFormat.KEY, wanted, wantedAt, wantedLength);
        }

        @Override
        public long hashOfOther(long wantedHash) {
            // Of another key than was written there, if there is damage: whoever has a seat tells of it.
            return hash.of(window, at + TableRecordFormat.KEY, TableRecordFormat.keyLength(header));
        }

        /** Whether the item has a value that may be looked at in this way. */
        boolean showsValue() {
            return TableRecordFormat.isPut(TableRecordFormat.kind(header))
                    && TableRecordFormat.isItem(header, window.byteSize() - at)
                    && valueLength() <= GlanceBuffer.VALUE_MAX;
        }

        private boolean stays() {
            return TableRecordFormat.kind(header) == TableRecordFormat.PUT;
        }

        boolean isExpired(InstantSource clock) {
            return !stays()
                    && TableRecordFormat.expiryAfter(window, valueAt() + TableRecordFormat.valueLength(header))
                            <= clock.millis();
        }

        long valueAt() {
            return at + TableRecordFormat.KEY + wantedLength;
        }

        int valueLength() {
            int stored = TableRecordFormat.valueLength(header);
            return stays() ? stored : stored - TableRecordFormat.EXPIRY_BYTES;
        }
    }

    /** Whether so many bytes are the same; most keys are short. */
    private static boolean isEqual(MemorySegment one, long oneAt, MemorySegment other, long otherAt, int length) {
        if (length < Long.BYTES || length > 8 * Long.BYTES) {
            return MemorySegment.mismatch(one, oneAt, oneAt + length, other, otherAt, otherAt + length) < 0;
        }
        int last = length - Long.BYTES;
        long differing = one.get(LONG, oneAt + last) ^ other.get(LONG, otherAt + last);
        for (int i = 0; i < last; i += Long.BYTES) {
            differing |= one.get(LONG, oneAt + i) ^ other.get(LONG, otherAt + i);
        }
        return differing == 0;
    }

    /** Nobody is to look any more: the table is being closed. */
    void end() {
        over = true;
    }

    /**
     * Looks for a key.
     *
     * @return the value; null if it is not there; or {@link #UNSURE}
     */
    <K, V> @Nullable Object look(Codec<K> keys, K key, Codec<V> values) {
        GlanceBuffer buffer = over ? null : GlanceBuffer.take();
        if (buffer == null) {
            return UNSURE;
        }
        try {
            return look(new Probe(buffer.key(keys, key)), buffer, values);
        } finally {
            buffer.give();
        }
    }

    private <V> @Nullable Object look(Probe probe, GlanceBuffer buffer, Codec<V> values) {
        long begun = epochs.begin();
        try {
            boolean there = find(probe);
            if (there && !probe.showsValue()) {
                return UNSURE;
            }
            if (!there || probe.isExpired(clock)) {
                return epochs.isStill(begun) ? null : UNSURE;
            }
            if (values instanceof TotalCodec) {
                V value = values.decode(probe.window, probe.valueAt(), probe.valueLength());
                return epochs.isStill(begun) ? value : UNSURE;
            }
            buffer.copy(probe.window, probe.valueAt(), probe.valueLength());
        } catch (RuntimeException anything) {
            // Whether that is so, or came of memory that was used again, is for those to say who have a seat.
            return UNSURE;
        }
        return epochs.isStill(begun) ? buffer.value(values) : UNSURE;
    }

    private boolean find(Probe probe) {
        long keyHash = hash.of(probe.wanted, probe.wantedAt, probe.wantedLength);
        return index.find(keyHash, table.base(), probe);
    }
}
