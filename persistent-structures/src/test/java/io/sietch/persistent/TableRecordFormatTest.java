package io.sietch.persistent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class TableRecordFormatTest {
    private static String hex(MemorySegment segment) {
        return HexFormat.of().formatHex(segment.toArray(ValueLayout.JAVA_BYTE));
    }

    private static MemorySegment words(long... words) {
        MemorySegment segment = Arena.ofAuto().allocate(words.length * 8L, 8);
        for (int i = 0; i < words.length; i++) {
            segment.set(Layouts.LONG, i * 8L, words[i]);
        }
        return segment;
    }

    @Test
    void goldenBytes() {
        assertThat(hex(TableRig.record("key=value", "k2", "k=")))
                .isEqualTo("0300001005000000" + "6b657976616c7565" // put, 3 and 5 bytes, nothing to pad
                        + "0200002000000000" + "6b32000000000000" // remove
                        + "0100001000000000" + "6b00000000000000"); // put of an empty value
        MemorySegment until = Arena.ofAuto().allocate(TableRecordFormat.itemBytes(3, 13), 8);
        MemorySegment.copy("keyvalue".getBytes(UTF_8), 0, until, ValueLayout.JAVA_BYTE, 8, 8);
        TableRecordFormat.writeHeader(until, 0, TableRecordFormat.PUT_UNTIL, 3, 13);
        TableRecordFormat.writeExpiry(until, 0, 0x0123456789L);
        assertThat(hex(until)).isEqualTo("030000600d000000" + "6b657976616c7565" + "8967452301000000");
        MemorySegment format = Arena.ofAuto().allocate(TableRecordFormat.formatBytes(), 8);
        TableRecordFormat.writeFormat(format, 0);
        assertThat(hex(format)).isEqualTo("0800004000000000" + "5349455454414201");
    }

    @Test
    void paddingIsZeroAndLeavesWhatWasWrittenBefore() {
        MemorySegment item = Arena.ofAuto().allocate(24, 8).fill((byte) 0x77);
        TableRecordFormat.writeHeader(item, 0, TableRecordFormat.PUT, 3, 6);
        assertThat(hex(item)).isEqualTo("0300001006000000" + "7777777777777777" + "7700000000000000");
    }

    @Test
    void whatIsWrittenIsAccepted() throws LogFormatException {
        MemorySegment record = TableRig.record("key=value", "removed");
        TableRecordFormat.check(record, 0, record.byteSize());
        TableRecordFormat.check(record, 16, record.byteSize());
        assertThat(TableRecordFormat.itemBytes(record, 0)).isEqualTo(16);
        assertThat(TableRecordFormat.kind(record, 16)).isEqualTo(TableRecordFormat.REMOVE);
    }

    @Test
    void anotherVersionIsRefusedWithBothNumbers() {
        assertThatThrownBy(() -> TableRecordFormat.check(words(0x40000008L, 0x0242415454454953L), 0, 16))
                .isInstanceOf(LogFormatException.class)
                .hasMessageContaining("version 2")
                .hasMessageContaining("reads 1");
    }

    @Test
    void whatIsNoItemIsRefused() {
        assertThatThrownBy(() -> TableRecordFormat.check(words(0, 0), 0, 16)).hasMessageContaining("kind 0");
        assertThatThrownBy(() -> TableRecordFormat.check(words(0x50000000L), 0, 8))
                .hasMessageContaining("kind 5");
        assertThatThrownBy(() -> TableRecordFormat.check(words(0x10000009L, 0), 0, 16))
                .hasMessageContaining("16 are left");
        assertThatThrownBy(() -> TableRecordFormat.check(words(-1L << 32 | 0x10000001L, 0), 0, 16))
                .isInstanceOf(LogFormatException.class);
        assertThatThrownBy(() -> TableRecordFormat.check(words(1L << 32 | 0x20000001L, 0), 0, 16))
                .as("a removal with a value")
                .isInstanceOf(LogFormatException.class);
        assertThatThrownBy(() -> TableRecordFormat.check(words(7L << 32 | 0x60000001L, 0), 0, 16))
                .as("a time to live of seven bytes")
                .isInstanceOf(LogFormatException.class);
        assertThatThrownBy(() -> TableRecordFormat.check(words(0x40000008L, 0x7878787878787878L), 0, 16))
                .hasMessageContaining("mark");
        assertThatThrownBy(() -> TableRecordFormat.check(words(0), 8, 8)).isInstanceOf(LogFormatException.class);
    }
}
