package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
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
}
