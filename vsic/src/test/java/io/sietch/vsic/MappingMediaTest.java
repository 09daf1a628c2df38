package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MappingMediaTest extends FileMediaContract {
    MappingMediaTest() {
        super(WritePath.MAPPING);
    }

    /** The store faults in the copy, and the error lands on the very command. */
    @Test
    void aStoreIntoATruncatedFileFailsThatWriteAndPoisonsItsArea() throws Exception {
        MappedFileOptions options = MappedFileOptions.DEFAULTS.withWritePath(WritePath.MAPPING);
        try (Rig rig =
                new Rig(MappedFileMedia.create(directory.resolve("cut"), BLOCKS * BLOCK, options, media -> {}))) {
            Vsic vsic = rig.vsic(4);
            Vsa cut = rig.area(vsic, 8, 4);
            Vsa kept = rig.area(vsic, 0, 4);
            try (FileChannel somebody = FileChannel.open(directory.resolve("cut"), StandardOpenOption.WRITE)) {
                somebody.truncate(4 * BLOCK);
            }
            assertThat(rig.write(vsic, cut, 0, rig.filled(1, 1))).isEqualTo(Status.WRITE_FAULT);
            assertThat(cut.isPoisoned()).isTrue();
            assertThat(rig.write(vsic, kept, 0, rig.filled(1, 1))).isEqualTo(Status.SUCCESS);
            assertThat(kept.isPoisoned()).isFalse();
        }
    }

    /** The kernel's own account of the mapping: a flush leaves no page of it dirty, wherever the writes were. */
    @Test
    void aFlushReachesEveryPageThatWasStoredTo() throws Exception {
        assumeTrue(Files.getFileStore(directory).type().matches("ext[234]|xfs"), "pages there never become clean");
        Path file = directory.resolve("flushed");
        MappedFileOptions options = MappedFileOptions.DEFAULTS.withWritePath(WritePath.MAPPING);
        // Large enough that no folio of the page cache holds them all: it is cleaned as a whole.
        int last = 4095;
        try (MappedFileMedia media = MappedFileMedia.create(file, (last + 1L) * BLOCK, options, m -> {});
                Arena arena = Arena.ofConfined()) {
            DmaBuffer block = DmaBuffer.allocate(BLOCK, BLOCK, arena);
            for (int[] blocks : new int[][] {{3}, {0}, {last}, {2000, 4}, {0, last}, {4, 3000, 1000}}) {
                for (int at : blocks) {
                    media.write((long) at * BLOCK, block, 0, BLOCK);
                }
                media.flush();
                assertThat(dirtyKib(file))
                        .as("after writes of blocks %s", Arrays.toString(blocks))
                        .isZero();
            }
        }
    }

    private static long dirtyKib(Path file) throws IOException {
        long dirty = 0;
        boolean ours = false;
        boolean found = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                ours = line.endsWith(file.toString());
                found |= ours;
            } else if (ours && (line.startsWith("Shared_Dirty:") || line.startsWith("Private_Dirty:"))) {
                dirty += Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        assertThat(found).as("%s is mapped", file).isTrue();
        return dirty;
    }
}
