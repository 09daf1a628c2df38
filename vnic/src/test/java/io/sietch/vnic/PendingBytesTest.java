package io.sietch.vnic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Bytes come out as they went in, and hold memory only while they wait. */
class PendingBytesTest {
    @Property(tries = 300)
    void bytesComeOutInOrder(@ForAll long seed) {
        Random random = new Random(seed);
        BufferPool pool = new BufferPool(1 << 20);
        PendingBytes pending = new PendingBytes(pool);
        ByteArrayOutputStream in = new ByteArrayOutputStream();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < 200; i++) {
            byte[] bytes = new byte[random.nextInt(random.nextBoolean() ? 40 : 3000)];
            random.nextBytes(bytes);
            if (random.nextInt(5) < 3 && pending.size() < 20_000) {
                assertThat(pending.append(MemorySegment.ofArray(bytes), 0, bytes.length))
                        .isTrue();
                in.writeBytes(bytes);
            } else if (random.nextBoolean()) {
                ByteBuffer target = ByteBuffer.wrap(bytes);
                int size = pending.size();
                int taken = pending.take(target);
                assertThat(taken).isEqualTo(Math.min(size, bytes.length)).isEqualTo(target.position());
                out.write(bytes, 0, taken);
            } else {
                int length = Math.min(pending.size(), bytes.length);
                out.writeBytes(
                        pending.segment().asSlice(pending.offset(), length).toArray(ValueLayout.JAVA_BYTE));
                pending.drop(length);
            }
            assertThat(pending.size()).isEqualTo(in.size() - out.size());
            assertThat(pool.usedBytes() == 0).isEqualTo(pending.size() == 0);
            assertThat(pool.usedBytes()).isLessThanOrEqualTo(1 << 17);
        }
        assertThat(out.toByteArray()).isEqualTo(Arrays.copyOf(in.toByteArray(), out.size()));
        pending.clear();
        assertThat(pool.usedBytes()).isZero();
        pool.close();
    }

    @Test
    void whereThereIsNoMemoryNothingIsDone() {
        BufferPool pool = new BufferPool(1024);
        PendingBytes pending = new PendingBytes(pool);
        MemorySegment source = MemorySegment.ofArray(new byte[2000]);
        assertThat(pending.append(source, 0, 2000)).isFalse();
        assertThat(pending.append(source, 0, 500)).isTrue();
        assertThat(pending.append(source, 0, 500)).isFalse();
        assertThat(pending.size()).isEqualTo(500);
        pending.clear();
        assertThat(pending.append(source, 0, 1000)).isTrue();
    }
}
