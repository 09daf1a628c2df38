package io.sietch.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.LatencyModel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Lives that share the memory of their present content do not see each other in it. */
class SectorMemoryTest {
    private static final int SECTOR = 32;
    private static final int SECTORS = 12;
    private static final CrashGeometry GEOMETRY = new CrashGeometry(SECTORS * SECTOR, SECTORS * SECTOR, SECTOR, SECTOR);

    private final DmaBuffer buffer = DmaBuffer.allocate(SECTORS * SECTOR, SECTOR, Arena.ofAuto());

    private void act(CrashMedia media, Random random) throws IOException {
        int sector = random.nextInt(SECTORS);
        int count = 1 + random.nextInt(Math.min(4, SECTORS - sector));
        switch (random.nextInt(6)) {
            case 0 -> media.flush();
            case 1 -> media.deallocate((long) sector * SECTOR, (long) count * SECTOR);
            case 2 -> media.read((long) sector * SECTOR, buffer, 0, count * SECTOR);
            default -> {
                buffer.segment().fill((byte) (1 + random.nextInt(3)));
                media.write((long) sector * SECTOR, buffer, 0, count * SECTOR);
            }
        }
    }

    private static byte[] content(CrashMedia media) throws IOException {
        DmaBuffer target = DmaBuffer.allocate(SECTORS * SECTOR, SECTOR, Arena.ofAuto());
        media.read(0, target, 0, SECTORS * SECTOR);
        return target.segment().toArray(ValueLayout.JAVA_BYTE);
    }

    private static CrashMedia mounted(CrashImage image, SectorMemory memory, boolean lazy) {
        CrashMedia media = new CrashMedia(GEOMETRY, LatencyModel.NONE, null, image, memory);
        return lazy ? media.withLazyViews() : media;
    }

    @Property(tries = 100)
    void whatALifeShowsDoesNotDependOnTheLivesBeforeIt(@ForAll long seed, @ForAll boolean lazy) throws IOException {
        Random random = new Random(seed);
        CrashMedia first = new CrashMedia(GEOMETRY);
        for (int i = 0; i < 12; i++) {
            act(first, random);
        }
        SectorMemory shared = new SectorMemory(GEOMETRY);
        for (int life = 0; life < 8; life++) {
            int events = random.nextInt(first.events() + 1);
            long choices = random.nextLong();
            CrashImage image = first.crash(events, CrashModel.GARBAGE_SECTORS, Choices.random(choices));
            CrashImage same = first.crash(events, CrashModel.GARBAGE_SECTORS, Choices.random(choices));
            CrashMedia second = mounted(image, shared, lazy);
            CrashMedia alone = mounted(same, new SectorMemory(GEOMETRY), lazy);
            long work = random.nextLong();
            Random twin = new Random(work);
            Random other = new Random(work);
            for (int i = 0; i < 5; i++) {
                act(second, twin);
                act(alone, other);
                assertThat(second.view(0, SECTORS * SECTOR, Arena.ofAuto())
                                .mismatch(alone.view(0, SECTORS * SECTOR, Arena.ofAuto())))
                        .as("seed %d, life %d, step %d", seed, life, i)
                        .isEqualTo(-1);
            }
            assertThat(content(second)).as("seed %d, life %d", seed, life).isEqualTo(content(alone));
        }
    }

    @Property(tries = 50)
    void aViewOfWhatIsOpenShowsZerosUntilItIsRead(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        CrashMedia first = new CrashMedia(GEOMETRY);
        buffer.segment().fill((byte) 7);
        first.write(0, buffer, 0, SECTORS * SECTOR);
        SectorMemory shared = new SectorMemory(GEOMETRY);
        content(mounted(first.crash(CrashModel.SECTORS, Choices.NEWEST), shared, true));
        CrashMedia second = mounted(first.crash(CrashModel.SECTORS, Choices.NEWEST), shared, true);
        int sector = random.nextInt(SECTORS);
        second.read((long) sector * SECTOR, buffer, 0, SECTOR);
        byte[] seen = second.view(0, SECTORS * SECTOR, Arena.ofAuto()).toArray(ValueLayout.JAVA_BYTE);
        for (int i = 0; i < seen.length; i++) {
            assertThat(seen[i]).as("byte %d, sector %d was read", i, sector).isEqualTo((byte)
                    (i / SECTOR == sector ? 7 : 0));
        }
    }
}
