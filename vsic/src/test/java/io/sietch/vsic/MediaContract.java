package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Media} promises while nothing crashes. What survives a crash is the crash kit's business. */
abstract class MediaContract {
    static final int BLOCK = 4096;
    static final int BLOCKS = 32;
    static final int MAX_BLOCKS = 64;

    private final Arena arena = Arena.ofShared();
    private Media media = new RamMedia(BLOCK);

    /** A new medium of {@link #BLOCKS} blocks that can grow to {@link #MAX_BLOCKS}. */
    abstract Media create() throws IOException;

    /** More than the medium can ever grow to, in bytes. */
    abstract long tooMuch();

    @BeforeEach
    void createMedium() throws IOException {
        media = create();
    }

    @AfterEach
    void closeMedium() throws IOException {
        media.close();
        media.close();
        arena.close();
    }

    private DmaBuffer buffer(int blocks) {
        return DmaBuffer.allocate(blocks * BLOCK, BLOCK, arena);
    }

    private DmaBuffer filled(int blocks, int value) {
        DmaBuffer buffer = buffer(blocks);
        buffer.segment().fill((byte) value);
        return buffer;
    }

    private byte[] image() throws IOException {
        DmaBuffer all = buffer((int) (media.size() / BLOCK));
        media.read(0, all, 0, all.size());
        return all.segment().toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void aNewMediumIsZeroAndHasTheSizeAskedFor() throws Exception {
        assertThat(media.size()).isEqualTo(BLOCKS * BLOCK);
        assertThat(media.blockSize()).isEqualTo(BLOCK);
        assertThat(media.characteristics().kind()).isNotBlank();
        assertThat(image()).containsOnly(0);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void itHoldsWhatWasWrittenLast(long seed) throws Exception {
        Random random = new Random(seed);
        byte[] model = new byte[BLOCKS * BLOCK];
        DmaBuffer buffer = buffer(8);
        try (Arena window = Arena.ofShared()) {
            MemorySegment view = media.view(0, media.size(), window);
            for (int i = 0; i < 200; i++) {
                int count = 1 + random.nextInt(4);
                int first = random.nextInt(BLOCKS - count);
                int inBuffer = random.nextInt(4) * BLOCK;
                byte[] content = new byte[count * BLOCK];
                random.nextBytes(content);
                MemorySegment.copy(content, 0, buffer.segment(), ValueLayout.JAVA_BYTE, inBuffer, content.length);
                media.write((long) first * BLOCK, buffer, inBuffer, content.length);
                System.arraycopy(content, 0, model, first * BLOCK, content.length);
                if (random.nextInt(10) == 0) {
                    media.flush();
                }
                assertThat(view.mismatch(MemorySegment.ofArray(model))).isEqualTo(-1);
            }
        }
        assertThat(image()).isEqualTo(model);
        media.flush();
        media.flush();
        assertThat(image()).isEqualTo(model);
    }

    @Test
    void aReadFillsItsPartOfTheBufferAndNoMore() throws Exception {
        media.write(3 * BLOCK, filled(2, 7), 0, 2 * BLOCK);
        DmaBuffer target = filled(4, 1);
        media.read(3 * BLOCK, target, BLOCK, 2 * BLOCK);
        byte[] bytes = target.segment().toArray(ValueLayout.JAVA_BYTE);
        for (int i = 0; i < bytes.length; i++) {
            assertThat(bytes[i]).as("byte %d", i).isEqualTo((byte) (i >= BLOCK && i < 3 * BLOCK ? 7 : 1));
        }
    }

    @Test
    void aWindowIsReadOnlyAndShowsItsRange() throws Exception {
        media.write(BLOCK, filled(1, 1), 0, BLOCK);
        media.write(2 * BLOCK, filled(1, 2), 0, BLOCK);
        try (Arena window = Arena.ofShared()) {
            MemorySegment view = media.view(2 * BLOCK, 3 * BLOCK, window);
            assertThat(view.byteSize()).isEqualTo(3 * BLOCK);
            assertThat(view.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 2);
            assertThat(view.get(ValueLayout.JAVA_BYTE, BLOCK)).isZero();
            assertThat(view.isReadOnly()).isTrue();
        }
    }

    @Test
    void whatIsDeallocatedCanBeWrittenAgainAndTheRestStays() throws Exception {
        media.write(0, filled(4, 5), 0, 4 * BLOCK);
        media.deallocate(BLOCK, 2 * BLOCK);
        byte[] image = image();
        assertThat(image[BLOCK - 1]).isEqualTo((byte) 5);
        assertThat(image[3 * BLOCK]).isEqualTo((byte) 5);
        media.write(BLOCK, filled(1, 6), 0, BLOCK);
        media.flush();
        assertThat(image()[BLOCK]).isEqualTo((byte) 6);
        assertThat(image()[3 * BLOCK]).isEqualTo((byte) 5);
    }

    @Test
    void itGrowsByZerosAndKeepsWhatItHad() throws Exception {
        media.write(0, filled(BLOCKS, 3), 0, BLOCKS * BLOCK);
        try (Arena window = Arena.ofShared()) {
            MemorySegment before = media.view(0, BLOCK, window);
            media.grow((BLOCKS + 1) * BLOCK);
            media.grow(MAX_BLOCKS * BLOCK);
            assertThat(media.size()).isEqualTo(MAX_BLOCKS * BLOCK);
            byte[] image = image();
            for (int block = 0; block < MAX_BLOCKS; block++) {
                assertThat(image[block * BLOCK]).as("block %d", block).isEqualTo((byte) (block < BLOCKS ? 3 : 0));
                assertThat(image[block * BLOCK + BLOCK - 1]).isEqualTo((byte) (block < BLOCKS ? 3 : 0));
            }
            media.write((MAX_BLOCKS - 1) * BLOCK, filled(1, 9), 0, BLOCK);
            media.write(0, filled(1, 8), 0, BLOCK);
            media.flush();
            assertThat(before.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 8);
            assertThat(media.view((MAX_BLOCKS - 1) * BLOCK, BLOCK, window).get(ValueLayout.JAVA_BYTE, 0))
                    .isEqualTo((byte) 9);
        }
    }

    @Test
    void aGrowthThatFailsChangesNothing() throws Exception {
        media.write(0, filled(BLOCKS, 3), 0, BLOCKS * BLOCK);
        byte[] before = image();
        assertThatThrownBy(() -> media.grow(tooMuch()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(String.valueOf(tooMuch()));
        assertThat(media.size()).isEqualTo(BLOCKS * BLOCK);
        assertThat(image()).isEqualTo(before);
        for (long wrong : new long[] {BLOCK, 0, -BLOCK, BLOCKS * BLOCK + 1}) {
            assertThatThrownBy(() -> media.grow(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
        media.grow((BLOCKS + 1) * BLOCK);
        assertThat(media.size()).isEqualTo((BLOCKS + 1) * BLOCK);
        assertThat(image()[BLOCKS * BLOCK]).isZero();
    }

    @Test
    void flushAndGrowthMayRunBesideReadsAndWrites() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<Integer> flusher = threads.submit(() -> {
                int flushes = 0;
                do {
                    media.flush();
                    flushes++;
                } while (!stop.get());
                return flushes;
            });
            Future<Boolean> grower = threads.submit(() -> {
                for (int blocks = BLOCKS + 4; blocks <= MAX_BLOCKS; blocks += 4) {
                    media.grow((long) blocks * BLOCK);
                }
                return true;
            });
            try {
                writeAtTheEnd(grower);
            } finally {
                stop.set(true);
            }
            assertThat(grower.get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(flusher.get(20, TimeUnit.SECONDS)).isPositive();
        }
        assertThat(media.size()).isEqualTo(MAX_BLOCKS * BLOCK);
    }

    private void writeAtTheEnd(Future<?> grower) throws IOException {
        DmaBuffer out = buffer(1);
        DmaBuffer in = buffer(1);
        for (int i = 0; i < 2000 || (!grower.isDone() && i < 10_000_000); i++) {
            long last = media.size() / BLOCK - 1;
            out.segment().fill((byte) i);
            media.write(last * BLOCK, out, 0, BLOCK);
            media.read(last * BLOCK, in, 0, BLOCK);
            assertThat(in.segment().mismatch(out.segment())).isEqualTo(-1);
        }
    }
}
