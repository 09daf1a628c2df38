package io.sietch.crash;

import io.sietch.vsic.BlockingIo;
import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.Extent;
import io.sietch.vsic.Rights;
import io.sietch.vsic.Status;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The smallest log that can be right, and the usual ways to get it wrong. Blocks 0 and 1 hold in turn
 * {@code [epoch][tail][checksum]}: how often the log was opened, and how many records the last opening found. Each
 * record takes three blocks of its own: {@code [sequence][epoch][length][checksum][text...][0xff]}. Behind the tail
 * only records of the last epoch count, so that a record once found missing stays so, even if later writes happen to
 * complete it.
 */
final class ToyLog {
    /** What was left out. */
    enum Bug {
        NONE,
        /** Nothing is ever flushed. */
        NO_FLUSH,
        /** Success is reported when the write is complete, before the flush. */
        EARLY_ACKNOWLEDGEMENT,
        /** The flush is submitted with the write and does not wait for its completion. */
        FLUSH_TOGETHER_WITH_WRITE,
        /** The checksum does not know in which epoch its record was written. */
        CHECKSUM_WITHOUT_EPOCH,
        /** No checksum: a record is whole if its last byte says so. */
        END_MARKER_ONLY
    }

    static final int BLOCK = 512;
    private static final int RECORD = 3 * BLOCK;
    private static final int TEXT = 24;

    private final Bug bug;
    private final Vsic vsic;
    private final Vsa area;
    private final StorageController device;
    private final Waiter waiter;
    private final BlockingIo io;
    private final DmaBuffer buffer = DmaBuffer.allocate(8 * RECORD, BLOCK, Arena.ofAuto());
    private final List<String> records = new ArrayList<>();
    private long epoch;
    private int answered;

    ToyLog(Bug bug, StorageController device, Waiter waiter) throws IOException {
        this.bug = bug;
        this.device = device;
        this.waiter = waiter;
        this.vsic = device.createVsic("toy", VsicOptions.DEFAULTS);
        this.area = device.attach(vsic, 1, List.of(new Extent(0, device.media().size())), Rights.READ_WRITE);
        this.io = new BlockingIo(vsic, device, waiter);
        recover();
    }

    private void recover() throws IOException {
        // What is read now may be in the device's cache only.
        flush();
        long tail = readHeaders();
        long last = epoch;
        while (endOf(records.size() + 1) <= area.size() && readNext(last, tail)) {
            // readNext has added it
        }
        epoch = last + 1;
        MemorySegment header = buffer.segment().asSlice(0, BLOCK).fill((byte) 0);
        header.set(ValueLayout.JAVA_LONG, 0, epoch);
        header.set(ValueLayout.JAVA_LONG, 8, records.size());
        header.set(ValueLayout.JAVA_INT, 16, headerChecksum(header));
        io.write(area, epoch % 2 * BLOCK, buffer, 0, BLOCK);
        flush();
    }

    private long readHeaders() throws IOException {
        io.read(area, 0, buffer, 0, 2 * BLOCK);
        long tail = 0;
        for (int slot = 0; slot < 2; slot++) {
            MemorySegment header = buffer.segment().asSlice((long) slot * BLOCK, BLOCK);
            if (header.get(ValueLayout.JAVA_INT, 16) == headerChecksum(header)
                    && header.get(ValueLayout.JAVA_LONG, 0) > epoch) {
                epoch = header.get(ValueLayout.JAVA_LONG, 0);
                tail = header.get(ValueLayout.JAVA_LONG, 8);
            }
        }
        return tail;
    }

    private static int headerChecksum(MemorySegment header) {
        CRC32C crc = new CRC32C();
        crc.update(header.asSlice(0, 16).toArray(ValueLayout.JAVA_BYTE));
        return (int) crc.getValue();
    }

    private boolean readNext(long last, long tail) throws IOException {
        io.read(area, endOf(records.size()), buffer, 0, RECORD);
        MemorySegment record = buffer.segment().asSlice(0, RECORD);
        long recordEpoch = record.get(ValueLayout.JAVA_LONG, 8);
        int length = record.get(ValueLayout.JAVA_INT, 16);
        boolean whole = length >= 0
                && length < RECORD - TEXT
                && record.get(ValueLayout.JAVA_LONG, 0) == records.size() + 1
                && record.get(ValueLayout.JAVA_BYTE, RECORD - 1) == (byte) 0xff;
        if (bug != Bug.END_MARKER_ONLY) {
            whole = whole && checksum(record, recordEpoch) == record.get(ValueLayout.JAVA_INT, 20);
        }
        if (bug != Bug.CHECKSUM_WITHOUT_EPOCH) {
            whole = whole && (records.size() < tail || recordEpoch == last);
        }
        if (whole) {
            records.add(
                    new String(record.asSlice(TEXT, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII));
        }
        return whole;
    }

    private int checksum(MemorySegment record, long recordEpoch) {
        CRC32C crc = new CRC32C();
        byte[] bytes = record.toArray(ValueLayout.JAVA_BYTE);
        crc.update(bytes, 0, 8);
        if (bug != Bug.CHECKSUM_WITHOUT_EPOCH) {
            crc.update((int) recordEpoch);
        }
        crc.update(bytes, 16, 4);
        crc.update(bytes, TEXT, RECORD - TEXT);
        return (int) crc.getValue();
    }

    private static long endOf(int records) {
        return 2 * BLOCK + (long) records * RECORD;
    }

    List<String> records() {
        return List.copyOf(records);
    }

    /** Appends some records in one commit; returns when they may be acknowledged. */
    void append(List<String> texts, Runnable acknowledge) throws IOException {
        long offset = endOf(records.size());
        for (int i = 0; i < texts.size(); i++) {
            MemorySegment record = buffer.segment().asSlice((long) i * RECORD, RECORD);
            record.fill((byte) 0);
            byte[] text = texts.get(i).getBytes(StandardCharsets.US_ASCII);
            records.add(texts.get(i));
            record.set(ValueLayout.JAVA_LONG, 0, records.size());
            record.set(ValueLayout.JAVA_LONG, 8, epoch);
            record.set(ValueLayout.JAVA_INT, 16, text.length);
            MemorySegment.copy(text, 0, record, ValueLayout.JAVA_BYTE, TEXT, text.length);
            record.set(ValueLayout.JAVA_BYTE, RECORD - 1, (byte) 0xff);
            record.set(ValueLayout.JAVA_INT, 20, checksum(record, epoch));
        }
        if (bug == Bug.FLUSH_TOGETHER_WITH_WRITE) {
            writeAndFlushTogether(offset, texts.size() * RECORD);
        } else {
            io.write(area, offset, buffer, 0, texts.size() * RECORD);
        }
        if (bug == Bug.EARLY_ACKNOWLEDGEMENT) {
            acknowledge.run();
        }
        flush();
        acknowledge.run();
    }

    private void writeAndFlushTogether(long offset, int length) {
        answered = 0;
        if (!vsic.write(area, offset, buffer, 0, length, 0) || !vsic.flush(area, 1)) {
            throw new IllegalStateException("queue full");
        }
        while (answered < 2) {
            if (device.poll() + vsic.poll(this::answered, 2) == 0) {
                waiter.await(device.idleNanos());
            }
        }
    }

    private void answered(long tag, Status status) {
        if (status != Status.SUCCESS) {
            throw new IllegalStateException("command " + tag + " ended with " + status);
        }
        answered++;
    }

    private void flush() throws IOException {
        if (bug != Bug.NO_FLUSH && bug != Bug.FLUSH_TOGETHER_WITH_WRITE) {
            io.flush(area);
        }
    }
}
