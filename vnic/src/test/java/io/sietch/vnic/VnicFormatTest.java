package io.sietch.vnic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The memory that application and device share, byte by byte. */
class VnicFormatTest {
    private final MemorySegment memory = Arena.ofAuto().allocate(VnicFormat.totalBytes(4, 256), 4096);

    private String hex(long from, int length) {
        return HexFormat.of().formatHex(memory.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void theHeaderIsAsDrawn() {
        VnicFormat.writeHeader(memory, 4, 256, 0x0253_4900_0001L, 0x0A000001);
        assertThat(hex(0, 40))
                .isEqualTo("53494554564e4943" + "02000000" + "04000000" + "00010000" + "0100000a" + "0100004953020000"
                        + "0014000000000000");
        assertThat(VnicFormat.complaint(memory)).isNull();
        assertThat(VnicFormat.features(memory)).isZero();
        VnicFormat.writeFeatures(memory, VnicFormat.STREAMS);
        assertThat(hex(40, 8)).isEqualTo("0100000000000000");
        assertThat(VnicFormat.features(memory)).isEqualTo(VnicFormat.STREAMS);
        assertThat(VnicFormat.mac(memory)).isEqualTo(0x0253_4900_0001L);
        assertThat(VnicFormat.address(memory)).isEqualTo(0x0A000001);
    }

    @Test
    void eachRingHasRoomForEveryBuffer() {
        assertThat(VnicFormat.ringAt(VnicFormat.FILL, 4)).isEqualTo(512);
        assertThat(VnicFormat.ringAt(VnicFormat.RECEIVE, 4)).isEqualTo(512 + 192);
        assertThat(VnicFormat.ringAt(VnicFormat.COMPLETION, 4)).isEqualTo(512 + 3 * 192);
        assertThat(VnicFormat.buffersAt(4)).isEqualTo(4096);
        assertThat(VnicFormat.buffersAt(64)).isEqualTo(8192);
    }

    @Test
    void aDescriptorIsPlaceLengthFlagsAndWhereTheChecksumGoes() {
        DescriptorProducer producer = new DescriptorProducer(memory, VnicFormat.TRANSMIT, 4);
        DescriptorConsumer consumer = new DescriptorConsumer(memory, VnicFormat.TRANSMIT, 4);
        assertThat(consumer.isEmpty()).isTrue();
        producer.put(VnicFormat.place(0x1234, 0xABC), VnicFormat.meta(VnicFormat.NEEDS_CHECKSUM, 34, 50));
        assertThat(hex(VnicFormat.ringAt(VnicFormat.TRANSMIT, 4), 16)).isEqualTo("0100000000000000" + "00".repeat(8));
        assertThat(hex(VnicFormat.ringAt(VnicFormat.TRANSMIT, 4) + 128, 16))
                .isEqualTo("34120000" + "bc0a0000" + "0100" + "2200" + "3200" + "0100");
        assertThat(consumer.peek()).isTrue();
        assertThat(VnicFormat.offset(consumer.place())).isEqualTo(0x1234);
        assertThat(VnicFormat.length(consumer.place())).isEqualTo(0xABC);
        assertThat(VnicFormat.checksumStart(consumer.meta())).isEqualTo(34);
        assertThat(VnicFormat.checksumAt(consumer.meta())).isEqualTo(50);
        consumer.take();
        assertThat(hex(VnicFormat.ringAt(VnicFormat.TRANSMIT, 4) + 64, 8)).isEqualTo("0100000000000000");
    }

    @Test
    void aRingIsFullAfterAsManyAsThereAreBuffersAndGoesOnWhenOneWasTaken() {
        DescriptorProducer producer = new DescriptorProducer(memory, VnicFormat.FILL, 4);
        DescriptorConsumer consumer = new DescriptorConsumer(memory, VnicFormat.FILL, 4);
        for (int i = 0; i < 4; i++) {
            assertThat(producer.put(i, 0)).isTrue();
        }
        assertThat(producer.put(4, 0)).isFalse();
        for (int i = 0; i < 100; i++) {
            assertThat(consumer.peek()).isTrue();
            assertThat(consumer.place()).isEqualTo(i);
            consumer.take();
            assertThat(producer.put(i + 4L, 0)).isTrue();
        }
    }

    @Test
    void aDescriptorIsThereInItsLapOnly() {
        DescriptorConsumer consumer = new DescriptorConsumer(memory, VnicFormat.TRANSMIT, 4);
        long ring = VnicFormat.ringAt(VnicFormat.TRANSMIT, 4);
        for (long produced : new long[] {-1, 1, 5, Long.MAX_VALUE, Long.MIN_VALUE}) {
            memory.set(ValueLayout.JAVA_LONG, ring, produced);
            assertThat(consumer.peek()).isFalse();
        }
        long entry = ring + VnicFormat.ENTRIES;
        for (long lap : new long[] {0, 2, 3, 0x0101, 0xFFFF}) {
            memory.set(ValueLayout.JAVA_LONG, entry + 8, lap << 48 | 1);
            assertThat(consumer.peek()).isFalse();
            assertThat(consumer.isEmpty()).isTrue();
        }
        memory.set(ValueLayout.JAVA_LONG, entry + 8, 1L << 48);
        assertThat(consumer.isEmpty()).isFalse();
        assertThat(consumer.peek()).isTrue();
        consumer.take();
        assertThat(consumer.peek()).isFalse();
    }

    @Test
    void lapsGoRoundLikeTheRing() {
        DescriptorProducer producer = new DescriptorProducer(memory, VnicFormat.FILL, 4);
        DescriptorConsumer consumer = new DescriptorConsumer(memory, VnicFormat.FILL, 4);
        // Beyond 65536 laps of four; what went before is still there, and must not be taken for what comes.
        for (int i = 0; i < 4 * (0x10000 + 3); i++) {
            assertThat(consumer.peek()).isFalse();
            assertThat(producer.put(i, -1L)).isTrue();
            assertThat(consumer.peek()).isTrue();
            assertThat(consumer.place()).isEqualTo(i);
            assertThat(consumer.meta() << 16 >>> 16).isEqualTo(0xFFFF_FFFF_FFFFL);
            consumer.take();
            if (i == 4 * 0x1233) {
                long entry = VnicFormat.ringAt(VnicFormat.FILL, 4) + VnicFormat.ENTRIES;
                assertThat(hex(entry + 8, 8)).isEqualTo("ffffffffffff" + "3412");
            }
        }
    }

    @Test
    void whoOpensARingAnewGoesOnWhereItWas() {
        for (int i = 0; i < 10; i++) {
            assertThat(new DescriptorProducer(memory, VnicFormat.FILL, 4).put(i, 0))
                    .isTrue();
            DescriptorConsumer consumer = new DescriptorConsumer(memory, VnicFormat.FILL, 4);
            assertThat(consumer.peek()).isTrue();
            assertThat(consumer.place()).isEqualTo(i);
            consumer.take();
        }
    }

    @Test
    void whatIsNotTheMemoryOfAVnicIsRefusedWithTheReason() {
        assertThat(VnicFormat.complaint(memory)).isEqualTo("is not the memory of a VNIC");
        VnicFormat.writeHeader(memory, 4, 256, 1, 0);
        memory.set(ValueLayout.JAVA_INT, 8, 9);
        assertThat(VnicFormat.complaint(memory)).contains("version 9").contains("version 2");
        VnicFormat.writeHeader(memory, 4, 256, 1, 0);
        memory.set(ValueLayout.JAVA_INT, 12, 5);
        assertThat(VnicFormat.complaint(memory)).contains("5 buffers of 256 bytes: must be powers of two");
        VnicFormat.writeHeader(memory, 8, 256, 1, 0);
        assertThat(VnicFormat.complaint(memory)).contains("has 5120 bytes instead of 6144");
        assertThatThrownBy(() -> VnicOptions.DEFAULTS.withBuffers(1 << 15, 1 << 16))
                .hasMessageContaining("at most 1 GiB in all");
    }
}
