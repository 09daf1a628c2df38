package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How device files come into being, are opened, and are refused. */
class MappedFileMediaTest {
    private static final int BLOCK = 4096;
    private static final long SIZE = 16L * BLOCK;
    private static final MappedFileOptions OPTIONS = MappedFileOptions.DEFAULTS;

    @TempDir
    Path directory = Path.of("unset");

    private Path device() {
        return directory.resolve("device");
    }

    private MappedFileMedia create() throws IOException {
        return MappedFileMedia.create(device(), SIZE, OPTIONS, media -> {});
    }

    private void assertRefused(ThrowingCallable call, String... words) {
        assertThatThrownBy(call)
                .isInstanceOf(MediaException.class)
                .hasMessageContaining(device().toString())
                .hasMessageContainingAll(words);
    }

    private Stream<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        }
    }

    @Test
    void aDeviceHasItsNameOnlyWhenItsInitializerHasRun() throws Exception {
        boolean[] ran = {false};
        MappedFileMedia.Initializer initializer = media -> {
            ran[0] = true;
            assertThat(device()).doesNotExist();
            assertThat(directory.resolve("device.new")).hasSize(SIZE);
            try (Arena arena = Arena.ofConfined()) {
                DmaBuffer block = DmaBuffer.allocate(BLOCK, BLOCK, arena);
                block.segment().fill((byte) 1);
                media.write(0, block, 0, BLOCK);
            }
        };
        try (MappedFileMedia media = MappedFileMedia.create(device(), SIZE - 1, OPTIONS, initializer)) {
            assertThat(ran[0]).isTrue();
            assertThat(media.size()).as("rounded up to whole blocks").isEqualTo(SIZE);
            assertThat(names()).as("nothing else is left").containsExactly("device");
            try (Arena arena = Arena.ofShared()) {
                assertThat(media.view(0, BLOCK, arena).get(ValueLayout.JAVA_BYTE, 7))
                        .isEqualTo((byte) 1);
            }
        }
    }

    @Test
    void aFailedInitializerLeavesNothingBehind() throws Exception {
        assertRefused(
                () -> MappedFileMedia.create(device(), SIZE, OPTIONS, media -> {
                    throw new IOException("no");
                }),
                "no");
        assertThat(names()).isEmpty();
        assertThatThrownBy(() -> MappedFileMedia.create(device(), SIZE, OPTIONS, media -> {
                    throw new IllegalArgumentException("a mistake");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a mistake");
        assertThat(names()).isEmpty();
        create().close();
    }

    @Test
    void aCrashWhileCreatingIsCleanedUpByTheNextCreation() throws Exception {
        OtherProcess.run("", "die-in-create", device().toString());
        assertThat(names()).containsExactly("device.new");
        assertRefused(() -> MappedFileMedia.open(device(), OPTIONS), "there is no");
        Files.write(directory.resolve("device.new"), new byte[3 << 20]);
        try (MappedFileMedia media = create()) {
            assertThat(media.size()).isEqualTo(SIZE);
            assertThat(names()).containsExactly("device");
            assertThat(Files.size(device())).as("nothing of the leftover").isEqualTo(SIZE);
        }
    }

    @Test
    void anExistingFileIsNotCreatedAgain() throws Exception {
        Files.writeString(device(), "precious");
        assertRefused(this::create, "exists already", "open it");
        assertThat(device()).hasContent("precious");
        assertThat(names()).containsExactly("device");
    }

    @Test
    void aMissingFileOrDirectoryIsNamed() {
        assertRefused(() -> MappedFileMedia.open(device(), OPTIONS), "there is no");
        Path lost = directory.resolve("nowhere").resolve("device");
        assertThatThrownBy(() -> MappedFileMedia.create(lost, SIZE, OPTIONS, media -> {}))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("no directory " + directory.resolve("nowhere"));
        assertThatThrownBy(() -> MappedFileMedia.open(directory, OPTIONS)).isInstanceOf(MediaException.class);
    }

    @Test
    void aSizeThatIsNotWholeBlocksIsRefusedAndTheFileLeftAlone() throws Exception {
        for (int bytes : new int[] {0, 1, 512, 4095, 4097, 3 * 4096 - 1}) {
            Files.write(device(), new byte[bytes]);
            assertRefused(
                    () -> MappedFileMedia.open(device(), OPTIONS),
                    String.valueOf(bytes),
                    "4096",
                    "truncated",
                    "backup");
            assertThat(device()).hasSize(bytes);
        }
        Files.write(device(), new byte[4096]);
        MappedFileMedia.open(device(), OPTIONS).close();
        // A crash while a device of larger blocks grows can leave whole pages, but not whole blocks, at the end.
        Files.write(device(), new byte[3 * 4096]);
        try (MappedFileMedia media = MappedFileMedia.open(device(), new MappedFileOptions(8192, WritePath.AUTO))) {
            assertThat(media.size()).isEqualTo(8192);
            media.grow(4 * 8192);
            assertThat(device()).hasSize(4 * 8192);
        }
    }

    @Test
    void aDeviceInUseIsRefusedAtOnceInThisProcess() throws Exception {
        try (MappedFileMedia media = create()) {
            assertRefused(() -> MappedFileMedia.open(device(), OPTIONS), "in use");
            Path sameByAnotherName = directory.resolve("link");
            Files.createSymbolicLink(sameByAnotherName, device());
            assertThatThrownBy(() -> MappedFileMedia.open(sameByAnotherName, OPTIONS))
                    .isInstanceOf(MediaException.class)
                    .hasMessageContaining("in use");
            assertRefused(this::create, "exists already");
            assertThat(media.size()).isEqualTo(SIZE);
        }
        MappedFileMedia.open(device(), OPTIONS).close();
    }

    @Test
    void aDeviceInUseIsRefusedAtOnceInAnotherProcess() throws Exception {
        try (MappedFileMedia media = create()) {
            assertThat(OtherProcess.run("", "open", device().toString()))
                    .contains("refused")
                    .contains("in use")
                    .contains(device().toString());
            // The lock of a process goes with any descriptor that it closes; a failed second opening must not do that.
            assertRefused(() -> MappedFileMedia.open(device(), OPTIONS), "in use");
            assertThat(OtherProcess.run("", "open", device().toString())).contains("refused");
            assertThat(media.size()).isEqualTo(SIZE);
        }
        assertThat(OtherProcess.run("", "open", device().toString())).contains("done");
    }

    @Test
    void aDeviceBeingMadeIsLeftToItsMaker() throws Exception {
        MappedFileMedia.Initializer initializer = media -> {
            assertRefused(this::create, "in use");
            try {
                assertThat(OtherProcess.run("", "create", device().toString())).contains("in use");
            } catch (Exception e) {
                throw new IOException(e);
            }
            assertThat(directory.resolve("device.new")).exists();
        };
        MappedFileMedia.create(device(), SIZE, OPTIONS, initializer).close();
        assertThat(names()).containsExactly("device");
    }

    @Test
    void tooLittleSpaceIsToldWithTheNumbersBeforeAnythingIsWritten() throws Exception {
        long size = 1L << 50;
        assertRefused(
                () -> MappedFileMedia.create(device(), size, OPTIONS, media -> {}),
                String.valueOf(size),
                "needed",
                "free");
        assertThat(names()).isEmpty();
    }

    /** The operating system refuses in the middle of the new zeros; what was written of them is given back. */
    @Test
    void aGrowthThatRunsOutOfSpaceGivesBackWhatItTook() throws Exception {
        create().close();
        String output = OtherProcess.run("ulimit -f 4096;", "grow", device().toString(), String.valueOf(64 << 20));
        assertThat(output)
                .contains("size " + SIZE + " -> " + SIZE)
                .contains("refused")
                .contains(String.valueOf(64 << 20))
                .contains("free space");
        assertThat(device()).hasSize(SIZE);
        MappedFileMedia.open(device(), OPTIONS).close();
    }

    @Test
    void aReadOnlyDirectoryIsRefusedForCreatingButNotForOpening() throws Exception {
        create().close();
        Path other = directory.resolve("other");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            assumeFalse(Files.isWritable(directory), "permissions do not bind this user");
            assertThatThrownBy(() -> MappedFileMedia.create(other, SIZE, OPTIONS, media -> {}))
                    .isInstanceOf(MediaException.class)
                    .hasMessageContaining("permission denied")
                    .hasMessageContaining(other.toString());
            MappedFileMedia.open(device(), OPTIONS).close();
        } finally {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void aFileWithoutRightsIsRefusedWithTheReason() throws Exception {
        create().close();
        Files.setPosixFilePermissions(device(), PosixFilePermissions.fromString("r--r--r--"));
        assumeFalse(Files.isWritable(device()), "permissions do not bind this user");
        assertRefused(() -> MappedFileMedia.open(device(), OPTIONS), "permission denied", "readable and writable");
    }

    @Test
    void whereNothingCanBeMeasuredItGoesByTheFileSystem() throws Exception {
        WritePathProbe guess = WritePathProbe.measure(Path.of("/proc"));
        assertThat(guess.measured()).isFalse();
        assertThat(guess.faster()).isEqualTo(WritePath.CHANNEL);
        assertThat(guess.flushBlocks(WritePath.CHANNEL))
                .as("to be on the safe side")
                .isTrue();
        assertThat(guess.describe(WritePath.CHANNEL)).contains("not measured");
    }

    @Test
    void theMappingIsTakenOnlyWhereItIsAsFastAsMemory() {
        assertThat(new WritePathProbe(4_000, 2_000, true).faster()).isEqualTo(WritePath.MAPPING);
        assertThat(new WritePathProbe(2_000, 4_000, true).faster()).isEqualTo(WritePath.CHANNEL);
        assertThat(new WritePathProbe(150_000, 283_000, true).faster()).isEqualTo(WritePath.CHANNEL);
        WritePathProbe noisyDisk = new WritePathProbe(12_000_000, 8_000_000, true);
        assertThat(noisyDisk.faster()).isEqualTo(WritePath.CHANNEL);
        assertThat(noisyDisk.flushBlocks(WritePath.CHANNEL)).isTrue();
        assertThat(new WritePathProbe(4_000, 2_000, true).flushBlocks(WritePath.MAPPING))
                .isFalse();
    }

    @Test
    void itMeasuresAndSaysWhatItChose() throws Exception {
        try (MappedFileMedia media = create()) {
            assertThat(media.writePath()).isNotEqualTo(WritePath.AUTO);
            String way = media.writePath() == WritePath.MAPPING ? "mapped stores + msync" : "writes + fdatasync";
            assertThat(media.characteristics().kind()).contains(way).contains("us a durable block");
            assertThat(media.toString()).contains(device().toString());
            assertThat(names()).as("no scratch file stays").containsExactly("device");
        }
    }

    /**
     * Where files are memory, blocks are lines, and a flush has nothing to do but to look whether the file is whole.
     */
    @Test
    void onMemoryBlocksAreLinesAndACutFileIsNoticedByTheFlush() throws Exception {
        Path memory = Path.of("/dev/shm");
        assumeTrue(
                Files.isDirectory(memory) && Files.getFileStore(memory).type().equals("tmpfs"), "no tmpfs here");
        Path file = Files.createTempFile(memory, "sietch-test-", ".device");
        Files.delete(file);
        try {
            MappedFileOptions options = MappedFileOptions.forFile(file);
            assertThat(options.blockSize()).isEqualTo(64);
            try (MappedFileMedia media =
                    MappedFileMedia.create(file, 1 << 20, options.withWritePath(WritePath.MAPPING), fresh -> {})) {
                DmaBuffer line = DmaBuffer.allocate(64, 64, Arena.ofAuto());
                line.segment().fill((byte) 7);
                media.write(4096 + 64, line, 0, 64);
                media.flush();
                line.segment().fill((byte) 0);
                media.read(4096 + 64, line, 0, 64);
                assertThat(line.segment().get(ValueLayout.JAVA_BYTE, 63)).isEqualTo((byte) 7);
                try (FileChannel somebody = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    somebody.truncate(1 << 19);
                }
                assertThatThrownBy(media::flush)
                        .isInstanceOf(MediaException.class)
                        .hasMessageContaining("was truncated");
            }
        } finally {
            Files.deleteIfExists(file);
        }
        assertThat(MappedFileOptions.forFile(device()).blockSize())
                .isEqualTo(WritePathProbe.isMemory(DeviceFile.directoryOf(device())) ? 64 : 4096);
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        for (int blockSize : new int[] {0, 1, 32, 1000, 4097, -4096}) {
            assertThatThrownBy(() -> new MappedFileOptions(blockSize, WritePath.AUTO))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(String.valueOf(blockSize));
        }
        for (long size : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> MappedFileMedia.create(device(), size, OPTIONS, media -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
