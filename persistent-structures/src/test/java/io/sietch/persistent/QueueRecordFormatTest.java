package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/**
 * The bytes on the medium, as they must stay. Whoever changes them raises the version and tells docs/format/queue.md.
 */
class QueueRecordFormatTest {
    private final MemorySegment memory = Arena.ofAuto().allocate(128, 8).fill((byte) 0xff);

    private String hex(int from, int length) {
        return HexFormat.of().formatHex(memory.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void anItemIsLaidOutAsDocumented() throws LogFormatException {
        QueueRecordFormat.writeItem(memory, 8, QueueRecordFormat.ITEM_MAGIC, 0x0102030405060708L);
        assertThat(hex(8, 17)).isEqualTo("53514931" + "00000000" + "0807060504030201" + "ff");
        assertThat(QueueRecordFormat.itemLength(5)).isEqualTo(21);
        assertThat(QueueRecordFormat.id(memory, 8)).isEqualTo(0x0102030405060708L);
        assertThat(QueueRecordFormat.kind(memory, 8, 16, 0)).isEqualTo(QueueRecordFormat.ITEM_MAGIC);
        QueueRecordFormat.writeItem(memory, 8, QueueRecordFormat.MOVED_MAGIC, 1);
        assertThat(hex(8, 16)).isEqualTo("53514d31" + "00000000" + "0100000000000000");
    }

    @Test
    void acknowledgementsAreLaidOutAsDocumented() throws LogFormatException {
        QueueRecordFormat.writeAcks(memory, 0, 2, 0x1234, 0x55);
        QueueRecordFormat.writeRange(memory, 0, 0, 3, 7);
        QueueRecordFormat.writeRange(memory, 0, 1, 9, 9);
        assertThat(hex(0, 57))
                .isEqualTo("53514131" + "02000000" + "3412000000000000" + "5500000000000000"
                        + "0300000000000000" + "0700000000000000"
                        + "0900000000000000" + "0900000000000000" + "ff");
        assertThat(QueueRecordFormat.acksLength(2)).isEqualTo(56);
        assertThat(QueueRecordFormat.kind(memory, 0, 56, 0)).isEqualTo(QueueRecordFormat.ACKS_MAGIC);
        assertThat(QueueRecordFormat.first(memory, 0, 1)).isEqualTo(9);
        assertThat(QueueRecordFormat.last(memory, 0, 0)).isEqualTo(7);
    }

    @Test
    void whatIsNoRecordOfAQueueIsRefusedWithItsPlace() {
        QueueRecordFormat.writeAcks(memory, 0, 2, 1, 1);
        assertThatThrownBy(() -> QueueRecordFormat.kind(memory, 0, 40, 4711))
                .isInstanceOf(LogFormatException.class)
                .hasMessageContaining("4711");
        QueueRecordFormat.writeItem(memory, 0, 0x32495153, 1);
        assertThatThrownBy(() -> QueueRecordFormat.kind(memory, 0, 40, 4711)).hasMessageContaining("0x32495153");
        assertThatThrownBy(() -> QueueRecordFormat.kind(memory, 0, 3, 4711)).hasMessageContaining("3 bytes");
    }

    @Test
    void aRecordOfAcknowledgementsFitsInOneBlock() {
        assertThat(LogFormat.HEADER_LENGTH + LogFormat.recordBytes(QueueRecordFormat.acksLength(AckRanges.MAX)))
                .isLessThanOrEqualTo(LogGeometry.BLOCK_MIN);
    }
}
