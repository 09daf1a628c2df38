package io.sietch.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Bytes go round a ring in their order, and a ring that is emptied again and again uses its first bytes only. */
class ByteRingTest {
    private static final int BYTES = 64;

    private final ByteRing ring = new ByteRing(MemorySegment.ofArray(new byte[BYTES]));

    @Test
    void anEmptyRingBeginsAgainAtItsFirstByte() {
        for (int i = 0; i < 100; i++) {
            assertThat(ring.roomAt()).isZero();
            assertThat(ring.roomRun()).isEqualTo(BYTES);
            ring.append(ByteBuffer.allocate(10));
            assertThat(ring.firstAt()).isZero();
            ring.take(ByteBuffer.allocate(10));
        }
    }

    @Test
    void aRingThatIsNotEmptyGoesOn() {
        ring.append(ByteBuffer.allocate(10));
        ring.drop(9);
        assertThat(ring.roomAt()).isEqualTo(10);
        ring.append(ByteBuffer.allocate(10));
        assertThat(ring.firstAt()).isEqualTo(9);
    }

    @Property(tries = 50)
    void bytesComeOutAsTheyWentIn(@ForAll long seed) {
        Random random = new Random(seed);
        ByteRing bytes = new ByteRing(MemorySegment.ofArray(new byte[BYTES]));
        byte next = 0;
        byte expected = 0;
        for (int i = 0; i < 500; i++) {
            ByteBuffer in = ByteBuffer.allocate(random.nextInt(BYTES));
            for (int k = 0; k < in.capacity(); k++) {
                in.put(k, (byte) (next + k));
            }
            next += (byte) bytes.append(in);
            ByteBuffer out = ByteBuffer.allocate(random.nextInt(BYTES));
            int taken = bytes.take(out);
            for (int k = 0; k < taken; k++) {
                assertThat(out.get(k)).isEqualTo(expected++);
            }
        }
    }
}
