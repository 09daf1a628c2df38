package io.sietch.persistent;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.openhft.chronicle.bytes.BytesIn;
import net.openhft.chronicle.bytes.BytesMarshallable;
import net.openhft.chronicle.bytes.BytesOut;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CodecTest {
    private static final int GUARD = 0x5a;

    enum Milk {
        NONE,
        OAT
    }

    record Size(short millilitres, char letter) {}

    record Coffee(
            long id,
            @Nullable String name,
            boolean hot,
            byte shots,
            Size size,
            @Nullable Milk milk,
            int pence,
            float degrees,
            double strength,
            byte @Nullable [] note) {}

    record Before(int number) {}

    record After(
            int number,
            @Nullable String text,
            long more,
            @Nullable Size size) {}

    record Unfit(BigDecimal price) {}

    record Picky(int number) {
        Picky {
            if (number < 0) {
                throw new IllegalArgumentException("negative");
            }
        }
    }

    /** A value of Chronicle's kind. */
    static final class Reading implements BytesMarshallable {
        long at;
        String sensor = "";

        @Override
        public void writeMarshallable(BytesOut<?> out) {
            out.writeLong(at).writeUtf8(sensor);
        }

        @Override
        public void readMarshallable(BytesIn<?> in) {
            at = in.readLong();
            sensor = String.valueOf(in.readUtf8());
        }
    }

    /** Encodes with as much room as the codec asks for, between guards, and decodes. */
    private static <T> T thereAndBack(Codec<T> codec, T value) {
        try (Arena arena = Arena.ofConfined()) {
            int offset = 3;
            int room = 0;
            for (int tries = 0; tries < 3; tries++) {
                MemorySegment memory = arena.allocate(offset + room + 1).fill((byte) GUARD);
                int length = codec.encode(value, memory.asSlice(0, offset + room), offset);
                assertThat(memory.get(JAVA_BYTE, offset - 1)).isEqualTo((byte) GUARD);
                assertThat(memory.get(JAVA_BYTE, offset + room)).isEqualTo((byte) GUARD);
                if (length >= 0) {
                    assertThat(length).isLessThanOrEqualTo(room);
                    codec.decode(MemorySegment.ofArray(memory.toArray(JAVA_BYTE)), offset, length);
                    return codec.decode(memory, offset, length);
                }
                assertThat(-length).as("more room is asked for each time").isGreaterThan(room);
                room = -length;
            }
            throw new AssertionError("there is never room enough");
        }
    }

    private static <T> String hex(Codec<T> codec, T value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(200);
            int length = codec.encode(value, memory, 0);
            return HexFormat.of().formatHex(memory.asSlice(0, length).toArray(JAVA_BYTE));
        }
    }

    private static <T> T ofHex(Codec<T> codec, String hex) {
        try (Arena arena = Arena.ofConfined()) {
            byte[] bytes = HexFormat.of().parseHex(hex);
            MemorySegment memory = arena.allocate(Math.max(1, bytes.length));
            MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, 0, bytes.length);
            return codec.decode(memory, 0, bytes.length);
        }
    }

    @Property(tries = 200)
    void plainValuesComeBack(@ForAll String text, @ForAll long number, @ForAll byte[] bytes) {
        String sound = text.codePoints().noneMatch(c -> c >= 0xd800 && c < 0xe000) ? text : "a lone surrogate is none";
        assertThat(thereAndBack(Codec.utf8(), sound)).isEqualTo(sound);
        assertThat(thereAndBack(Codec.longs(), number)).isEqualTo(number);
        assertThat(thereAndBack(Codec.bytes(), bytes)).isEqualTo(bytes);
    }

    @Property(tries = 200)
    void recordsComeBack(@ForAll long id, @ForAll byte shots, @ForAll char letter, @ForAll double strength) {
        byte[] note = {1, shots};
        Coffee full = new Coffee(
                id, "flat \u2615", true, shots, new Size(shots, letter), Milk.OAT, -7, shots / 3f, strength, note);
        assertThat(thereAndBack(Codec.records(Coffee.class), full))
                .usingRecursiveComparison()
                .isEqualTo(full);
        Coffee sparse = new Coffee(id, null, false, shots, new Size((short) 0, letter), null, 0, 0, strength, null);
        assertThat(thereAndBack(Codec.records(Coffee.class), sparse)).isEqualTo(sparse);
    }

    @Test
    void theBytesOfARecordAreGolden() {
        Coffee coffee = new Coffee(
                0x0102030405060708L,
                "flat",
                true,
                (byte) 2,
                new Size((short) 0x1234, 'M'),
                Milk.OAT,
                320,
                1.5f,
                -2.0,
                null);
        assertThat(hex(Codec.records(Coffee.class), coffee))
                .isEqualTo(
                        "0807060504030201" // id
                                + "04000000666c6174" // name
                                + "0102" // hot, shots
                                + "0400000034124d00" // size
                                + "030000004f4154" // milk
                                + "40010000" // pence
                                + "0000c03f" // degrees
                                + "00000000000000c0" // strength
                                + "ffffffff"); // no note
    }

    @Test
    void componentsAddedToTheEndAreNullOrZeroInWhatWasWrittenBefore() {
        String before = hex(Codec.records(Before.class), new Before(5));
        assertThat(ofHex(Codec.records(After.class), before)).isEqualTo(new After(5, null, 0, null));
    }

    @Test
    void bytesThatAreNoRecordAreRefused() {
        Codec<After> codec = Codec.records(After.class);
        String good = hex(codec, new After(1, "x", 2, new Size((short) 3, 'y')));
        for (int cut = 2; cut < good.length(); cut += 2) {
            String shorter = good.substring(0, cut);
            boolean betweenComponents = cut == 8 || cut == 18 || cut == 34;
            if (!betweenComponents) {
                assertThatThrownBy(() -> ofHex(codec, shorter)).isInstanceOf(IllegalArgumentException.class);
            }
        }
        assertThatThrownBy(() -> ofHex(codec, good + "00")).hasMessageContaining("left over");
        assertThatThrownBy(() -> ofHex(codec, "01000000" + "ffffff7f")).hasMessageContaining("2147483647");
        assertThatThrownBy(() -> ofHex(Codec.records(Picky.class), "ffffffff")).hasMessageContaining("negative");
        assertThatThrownBy(() -> ofHex(Codec.longs(), "00")).hasMessageContaining("1 bytes are no long");
        assertThatThrownBy(() -> Codec.records(Unfit.class)).hasMessageContaining("component price of Unfit");
    }

    @Test
    void valuesOfChronicleWriteAndReadThemselvesInPlace() {
        Codec<Reading> codec = ChronicleCodec.of(Reading::new);
        Reading reading = new Reading();
        reading.at = 42;
        reading.sensor = "north ".repeat(500);
        Reading back = thereAndBack(codec, reading);
        assertThat(back.at).isEqualTo(42);
        assertThat(back.sensor).isEqualTo(reading.sensor);
        assertThatThrownBy(() -> ofHex(codec, "00")).isInstanceOf(IllegalArgumentException.class);

        Codec<Integer> stopBits =
                ChronicleCodec.of((value, out) -> out.writeStopBit(value), in -> Math.toIntExact(in.readStopBit()));
        assertThat(thereAndBack(stopBits, 300)).isEqualTo(300);
    }
}
