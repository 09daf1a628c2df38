package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VsaTest {
    private static final int BLOCK = Rig.BLOCK;

    @TempDir
    Path directory = Path.of("unset");

    private Rig onFile(long blocks) throws IOException {
        return new Rig(MappedFileMedia.create(
                directory.resolve("device"), blocks * BLOCK, MappedFileOptions.DEFAULTS, media -> {}));
    }

    /** An area over random, disjoint, shuffled extents behaves as one array of bytes. */
    @Property(tries = 100)
    void anAreaOfManyExtentsIsOneStretchOfBytes(@ForAll @IntRange(min = 1, max = 6) int extents, @ForAll long seed)
            throws Exception {
        Random random = new Random(seed);
        try (Rig rig = new Rig(64)) {
            Vsic vsic = rig.vsic(4);
            Extent[] chosen = new Extent[extents];
            int blocks = 0;
            for (int i = 0; i < extents; i++) {
                int length = 1 + random.nextInt(9);
                // Each in a tenth of the medium of its own, taken from the back: order on the medium is not order here.
                chosen[i] = Rig.blocks((extents - 1 - i) * 10L + random.nextInt(2), length);
                blocks += length;
            }
            Vsa area = rig.area(vsic, Rights.READ_WRITE, chosen);
            assertThat(area.size()).isEqualTo((long) blocks * BLOCK);
            byte[] model = new byte[blocks * BLOCK];
            DmaBuffer buffer = rig.buffer(blocks);
            for (int i = 0; i < 20; i++) {
                int first = random.nextInt(blocks);
                int count = 1 + random.nextInt(blocks - first);
                byte[] content = new byte[count * BLOCK];
                random.nextBytes(content);
                MemorySegment.copy(content, 0, buffer.segment(), ValueLayout.JAVA_BYTE, 0, content.length);
                System.arraycopy(content, 0, model, first * BLOCK, content.length);
                long offset = (long) first * BLOCK;
                assertThat(rig.run(vsic, vsic.write(area, offset, buffer, 0, content.length, 1)))
                        .isEqualTo(Status.SUCCESS);
            }
            buffer.segment().fill((byte) 0);
            assertThat(rig.read(vsic, area, 0, buffer)).isEqualTo(Status.SUCCESS);
            assertThat(Rig.bytes(buffer.segment())).isEqualTo(model);
            for (long at = 0; at < area.size(); at += area.contiguousFrom(at)) {
                MemorySegment view = area.view(at, area.contiguousFrom(at));
                assertThat(view.mismatch(MemorySegment.ofArray(model).asSlice(at, view.byteSize())))
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void nothingOutsideItsExtentsIsTouchedByACommandThatStraddlesThem() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(4);
            Vsa area = rig.area(vsic, Rights.READ_WRITE, Rig.blocks(6, 1), Rig.blocks(1, 2), Rig.blocks(4, 1));
            rig.write(vsic, area, 0, rig.filled(4, 7));
            byte[] image = rig.image();
            for (int block = 0; block < 8; block++) {
                boolean inside = block == 6 || block == 1 || block == 2 || block == 4;
                assertThat(image[block * BLOCK]).as("block %d", block).isEqualTo((byte) (inside ? 7 : 0));
                assertThat(image[block * BLOCK + BLOCK - 1]).isEqualTo((byte) (inside ? 7 : 0));
            }
            assertThat(rig.run(vsic, vsic.deallocate(area, BLOCK, 2 * BLOCK, 1)))
                    .isEqualTo(Status.SUCCESS);
            assertThat(rig.image()[6 * BLOCK]).isEqualTo((byte) 7);
            assertThat(rig.image()[BLOCK]).isZero();
            assertThat(rig.image()[2 * BLOCK]).isZero();
            assertThat(rig.image()[4 * BLOCK]).isEqualTo((byte) 7);
        }
    }

    @Test
    void aViewShowsCompletedWritesAndIsReadOnly() throws Exception {
        for (WritePath path : List.of(WritePath.CHANNEL, WritePath.MAPPING)) {
            try (Rig rig = new Rig(MappedFileMedia.create(
                    directory.resolve("device-" + path),
                    8 * BLOCK,
                    MappedFileOptions.DEFAULTS.withWritePath(path),
                    media -> {}))) {
                Vsic vsic = rig.vsic(4);
                Vsa area = rig.area(vsic, 2, 4);
                MemorySegment view = area.view(BLOCK, 2 * BLOCK);
                assertThat(view.get(ValueLayout.JAVA_BYTE, 0)).isZero();
                rig.write(vsic, area, 1, rig.filled(1, 42));
                assertThat(view.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 42);
                assertThat(view.get(ValueLayout.JAVA_BYTE, BLOCK - 1)).isEqualTo((byte) 42);
                assertThat(view.get(ValueLayout.JAVA_BYTE, BLOCK)).isZero();
                assertThat(view.isReadOnly()).isTrue();
                assertThatThrownBy(() -> view.set(ValueLayout.JAVA_BYTE, 0, (byte) 1))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void aViewStaysWithinItsExtent() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(4);
            Vsa area = rig.area(vsic, Rights.READ_ONLY, Rig.blocks(6, 1), Rig.blocks(1, 2));
            assertThat(area.contiguousFrom(0)).isEqualTo(BLOCK);
            assertThat(area.contiguousFrom(BLOCK - 1)).isEqualTo(1);
            assertThat(area.contiguousFrom(BLOCK)).isEqualTo(2 * BLOCK);
            assertThat(area.view(BLOCK, 0).byteSize()).isZero();
            long[][] refused = {
                {0, BLOCK + 1},
                {BLOCK, -1},
                {BLOCK, Long.MAX_VALUE},
                {-1, 1},
                {3 * BLOCK, 0},
                {Long.MIN_VALUE, 1},
                {Long.MAX_VALUE, 1}
            };
            for (long[] range : refused) {
                assertThatThrownBy(() -> area.view(range[0], range[1]))
                        .isInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessageContaining(String.valueOf(range[0]));
            }
        }
    }

    @Test
    void revocationTakesEveryWindowAway() throws Exception {
        try (Rig rig = onFile(8)) {
            Vsic vsic = rig.vsic(4);
            Vsa area = rig.area(vsic, Rights.READ_WRITE, Rig.blocks(6, 1), Rig.blocks(1, 2));
            MemorySegment first = area.view(0, BLOCK);
            MemorySegment second = area.view(BLOCK, BLOCK);
            rig.controller.revoke(area);
            assertThat(area.isRevoked()).isTrue();
            for (MemorySegment view : List.of(first, second)) {
                assertThatThrownBy(() -> view.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
            }
            assertThatThrownBy(() -> area.view(0, 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> rig.controller.resize(area, List.of(Rig.blocks(0, 1))))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(rig.read(vsic, area, 0, rig.buffer(1))).isEqualTo(Status.INVALID_NAMESPACE);
            rig.controller.revoke(area);
        }
    }

    @Test
    void shrinkingTakesAwayTheWindowsOfWhatWentAndOfNothingElse() throws Exception {
        try (Rig rig = onFile(16)) {
            Vsic vsic = rig.vsic(4);
            Vsa area = rig.area(vsic, Rights.READ_WRITE, Rig.blocks(0, 2), Rig.blocks(4, 4), Rig.blocks(10, 1));
            MemorySegment kept = area.view(0, 2 * BLOCK);
            MemorySegment cut = area.view(2 * BLOCK, BLOCK);
            MemorySegment gone = area.view(6 * BLOCK, BLOCK);
            rig.controller.resize(area, List.of(Rig.blocks(0, 2), Rig.blocks(4, 1)));
            assertThat(area.size()).isEqualTo(3 * BLOCK);
            assertThat(kept.get(ValueLayout.JAVA_BYTE, 0)).isZero();
            assertThatThrownBy(() -> cut.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> gone.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
            assertThat(rig.write(vsic, area, 2, rig.filled(1, 1))).isEqualTo(Status.SUCCESS);
            assertThat(rig.write(vsic, area, 3, rig.filled(1, 1))).isEqualTo(Status.LBA_OUT_OF_RANGE);
            assertThat(rig.image()[5 * BLOCK]).as("given up by the area").isZero();
        }
    }

    @Test
    void growthLeavesEveryWindowAlone() throws Exception {
        try (Rig rig = onFile(32)) {
            Vsic vsic = rig.vsic(4);
            Vsa area = rig.area(vsic, Rights.READ_WRITE, Rig.blocks(0, 2), Rig.blocks(8, 2));
            MemorySegment first = area.view(0, 2 * BLOCK);
            MemorySegment second = area.view(2 * BLOCK, 2 * BLOCK);
            // The last extent grows where it lies, twice, and then another one comes.
            rig.controller.resize(area, List.of(Rig.blocks(0, 2), Rig.blocks(8, 3)));
            MemorySegment third = area.view(4 * BLOCK, BLOCK);
            rig.controller.resize(area, List.of(Rig.blocks(0, 2), Rig.blocks(8, 6), Rig.blocks(20, 2)));
            assertThat(area.size()).isEqualTo(10 * BLOCK);
            assertThat(rig.write(vsic, area, 0, rig.filled(10, 9))).isEqualTo(Status.SUCCESS);
            for (MemorySegment view : List.of(first, second, third)) {
                assertThat(view.get(ValueLayout.JAVA_BYTE, view.byteSize() - 1)).isEqualTo((byte) 9);
            }
            assertThat(area.contiguousFrom(2 * BLOCK)).isEqualTo(2 * BLOCK);
            assertThat(area.contiguousFrom(5 * BLOCK)).isEqualTo(3 * BLOCK);
            assertThat(area.view(8 * BLOCK, 2 * BLOCK).get(ValueLayout.JAVA_BYTE, 0))
                    .isEqualTo((byte) 9);
        }
    }

    @Test
    void aCommandThatWaitedThroughAShrinkIsCheckedAgainstTheNewSize() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.controller.createVsic("slow", VsicOptions.DEFAULTS.withRateLimit(new RateLimit(0, 1, 0)));
            Vsa area = rig.area(vsic, 0, 4);
            Completions completions = new Completions();
            vsic.write(area, 3 * BLOCK, rig.filled(1, 1), 0, BLOCK, 1);
            vsic.write(area, 3 * BLOCK, rig.filled(1, 2), 0, BLOCK, 2);
            rig.settle(vsic, completions);
            rig.controller.resize(area, List.of(Rig.blocks(0, 3)));
            rig.clock.advance(1_000_000_000);
            rig.settle(vsic, completions);
            assertThat(completions.statuses()).containsExactly(Status.SUCCESS, Status.LBA_OUT_OF_RANGE);
            assertThat(rig.image()[3 * BLOCK]).isEqualTo((byte) 1);
        }
    }

    @Test
    void extentsThatDoNotFitTheMediumAreRefusedAndNothingChanges() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(4);
            Vsa area = rig.area(vsic, 0, 2);
            List<Extent> wrong = List.of(Rig.blocks(7, 2), new Extent(1, BLOCK), new Extent(0, BLOCK + 1));
            for (Extent extent : wrong) {
                assertThatThrownBy(() -> rig.controller.resize(area, List.of(Rig.blocks(0, 1), extent)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(String.valueOf(extent.length()));
            }
            assertThat(area.size()).isEqualTo(2 * BLOCK);
            assertThat(area.view(0, 2 * BLOCK).byteSize()).isEqualTo(2 * BLOCK);
            assertThatThrownBy(() -> new Extent(Long.MAX_VALUE, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new Extent(-1, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new Extent(0, 0)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aMediumThatCannotBeMappedLeavesTheAreaAsItWas() throws Exception {
        StubMedia stub = new StubMedia(8L * BLOCK);
        try (Rig rig = new Rig(stub)) {
            Vsic vsic = rig.vsic(4);
            Vsa area = rig.area(vsic, 0, 2);
            stub.onView = StubMedia.eio();
            assertThatThrownBy(() -> rig.controller.resize(area, List.of(Rig.blocks(0, 4))))
                    .isInstanceOf(IOException.class);
            assertThat(area.size()).isEqualTo(2 * BLOCK);
            assertThat(rig.write(vsic, area, 1, rig.filled(1, 1))).isEqualTo(Status.SUCCESS);
        }
    }

    @Test
    void anAreaIsAttachedToVsicsOfItsOwnControllerOnly() throws Exception {
        try (Rig rig = new Rig(8);
                Rig other = new Rig(8)) {
            Vsic stranger = other.vsic(4);
            assertThatThrownBy(() -> rig.area(stranger, 0, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("another controller");
        }
    }
}
