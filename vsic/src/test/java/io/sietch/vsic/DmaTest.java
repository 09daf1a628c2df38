package io.sietch.vsic;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesStore;
import org.junit.jupiter.api.Test;

class DmaTest {
    private static DmaBuffer taken(DmaPool pool) {
        return Objects.requireNonNull(pool.acquire());
    }

    @Test
    void buffersAreAlignedZeroedAndAsLargeAsAsked() {
        try (Arena arena = Arena.ofConfined()) {
            for (int alignment : new int[] {512, 4096, 65536}) {
                DmaBuffer buffer = DmaBuffer.allocate(2 * alignment, alignment, arena);
                assertThat(buffer.segment().address() % alignment).isZero();
                assertThat(buffer.size()).isEqualTo(2 * alignment);
                assertThat(buffer.segment().toArray(JAVA_BYTE)).containsOnly(0);
            }
        }
    }

    @Test
    void aBufferIsUsableByWhomItsArenaSays() throws Exception {
        DmaBuffer confined;
        try (Arena arena = Arena.ofConfined()) {
            confined = DmaBuffer.allocate(4096, 4096, arena);
            boolean[] elsewhere = {true};
            Thread other = new Thread(() -> elsewhere[0] = confined.isUsable());
            other.start();
            other.join();
            assertThat(confined.isUsable()).isTrue();
            assertThat(elsewhere[0]).isFalse();
        }
        assertThat(confined.isUsable()).isFalse();
    }

    @Test
    void anEmptyPoolIsAReturnValue() {
        try (DmaPool pool = new DmaPool(3, 8192, 4096)) {
            Set<DmaBuffer> taken = new HashSet<>();
            for (int i = 0; i < 3; i++) {
                assertThat(pool.available()).isEqualTo(3 - i);
                DmaBuffer buffer = taken(pool);
                assertThat(taken.add(buffer)).isTrue();
                assertThat(buffer.size()).isEqualTo(pool.bufferSize()).isEqualTo(8192);
                assertThat(buffer.segment().address() % 4096).isZero();
            }
            assertThat(pool.acquire()).isNull();
            taken.forEach(pool::release);
            assertThat(pool.available()).isEqualTo(3);
        }
    }

    @Test
    void aPoolTakesBackItsOwnBuffersOnceEach() {
        try (DmaPool pool = new DmaPool(2, 4096, 4096);
                DmaPool other = new DmaPool(2, 4096, 4096);
                Arena arena = Arena.ofConfined()) {
            DmaBuffer mine = taken(pool);
            DmaBuffer second = taken(pool);
            DmaBuffer theirs = taken(other);
            pool.release(mine);
            assertThatThrownBy(() -> pool.release(mine))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("twice");
            assertThatThrownBy(() -> pool.release(theirs)).hasMessageContaining("foreign");
            assertThatThrownBy(() -> pool.release(DmaBuffer.allocate(4096, 4096, arena)))
                    .hasMessageContaining("foreign");
            assertThat(pool.available()).isEqualTo(1);
            pool.release(second);
            assertThat(pool.available()).isEqualTo(2);
        }
    }

    @Test
    void poolsOfNothingAreRefused() {
        int[][] wrong = {{0, 4096, 4096}, {1, 0, 4096}, {1, 4097, 4096}, {1, 4096, 0}, {1, 4096, 1000}, {-1, -1, -1}};
        for (int[] sizes : wrong) {
            assertThatThrownBy(() -> new DmaPool(sizes[0], sizes[1], sizes[2]).close())
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** No flag of the JVM is given to these tests, so this also shows that none is needed. */
    @Test
    void chronicleBytesSeesTheSameMemory() {
        try (DmaPool pool = new DmaPool(1, 4096, 4096)) {
            DmaBuffer buffer = taken(pool);
            BytesStore<?, Void> store = buffer.bytes();
            store.writeLong(8, 0x1122334455667788L);
            assertThat(buffer.segment().get(JAVA_LONG_UNALIGNED.withOrder(ByteOrder.nativeOrder()), 8))
                    .isEqualTo(0x1122334455667788L);
            buffer.segment().set(JAVA_BYTE, 100, (byte) 42);
            assertThat(store.readByte(100)).isEqualTo((byte) 42);
            assertThat(store.capacity()).isEqualTo(4096);

            Bytes<?> codec = store.bytesForWrite();
            try {
                codec.writePosition(1000);
                codec.writeUtf8("spice").writeStopBit(300).writeDouble(2.5);
            } finally {
                codec.releaseLast();
            }
            Bytes<?> reader = buffer.bytes().bytesForRead();
            try {
                reader.readPosition(1000);
                assertThat(reader.readUtf8()).isEqualTo("spice");
                assertThat(reader.readStopBit()).isEqualTo(300);
                assertThat(reader.readDouble()).isEqualTo(2.5);
            } finally {
                reader.releaseLast();
            }
        }
    }
}
