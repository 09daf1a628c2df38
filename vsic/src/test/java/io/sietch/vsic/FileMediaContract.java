package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file medium promises on each of its write paths, beyond {@link MediaContract}. */
abstract class FileMediaContract extends MediaContract {
    @TempDir
    Path directory = Path.of("unset");

    private final WritePath path;
    private final MappedFileOptions options;

    FileMediaContract(WritePath path) {
        this.path = path;
        this.options = MappedFileOptions.DEFAULTS.withWritePath(path);
    }

    @Override
    Media create() throws IOException {
        return create("device");
    }

    private MappedFileMedia create(String name) throws IOException {
        return MappedFileMedia.create(directory.resolve(name), BLOCKS * BLOCK, options, media -> {});
    }

    @Override
    long tooMuch() {
        return 1L << 60;
    }

    @Test
    void whatWasWrittenIsThereAfterReopeningOnEitherPath() throws Exception {
        Path file = directory.resolve("kept");
        try (Arena arena = Arena.ofConfined()) {
            DmaBuffer buffer = DmaBuffer.allocate(BLOCK, BLOCK, arena);
            try (MappedFileMedia media = create("kept")) {
                assertThat(media.writePath()).isEqualTo(path);
                assertThat(media.file()).isEqualTo(file);
                buffer.segment().fill((byte) 77);
                media.write(5 * BLOCK, buffer, 0, BLOCK);
                media.grow(MAX_BLOCKS * BLOCK);
                media.write((MAX_BLOCKS - 1) * BLOCK, buffer, 0, BLOCK);
                media.flush();
            }
            for (WritePath other : List.of(WritePath.CHANNEL, WritePath.MAPPING, WritePath.AUTO)) {
                try (MappedFileMedia media = MappedFileMedia.open(file, options.withWritePath(other))) {
                    assertThat(media.size()).isEqualTo(MAX_BLOCKS * BLOCK);
                    for (long block : new long[] {5, MAX_BLOCKS - 1}) {
                        buffer.segment().fill((byte) 0);
                        media.read(block * BLOCK, buffer, 0, BLOCK);
                        assertThat(buffer.segment().get(ValueLayout.JAVA_BYTE, BLOCK - 1))
                                .isEqualTo((byte) 77);
                    }
                }
            }
            assertThat(Files.size(file)).isEqualTo(MAX_BLOCKS * BLOCK);
        }
    }

    @Test
    void aFileThatSomebodyTruncatesFailsTypedAndPoisons() throws Exception {
        Path file = directory.resolve("cut");
        try (Rig rig = new Rig(create("cut"))) {
            Vsic vsic = rig.vsic(4);
            Vsa cut = rig.area(vsic, 8, 4);
            Vsa kept = rig.area(vsic, 0, 4);
            rig.write(vsic, cut, 0, rig.filled(1, 1));
            assertThat(rig.flush(vsic, cut)).isEqualTo(Status.SUCCESS);
            rig.write(vsic, cut, 0, rig.filled(1, 2));
            try (FileChannel somebody = FileChannel.open(file, StandardOpenOption.WRITE)) {
                somebody.truncate(4 * BLOCK);
            }
            assertThat(rig.read(vsic, cut, 0, rig.buffer(1))).isEqualTo(Status.UNRECOVERED_READ_ERROR);
            assertThat(cut.isPoisoned()).isFalse();
            assertThat(rig.flush(vsic, cut)).isEqualTo(Status.WRITE_FAULT);
            assertThat(cut.isPoisoned()).isTrue();
            assertThat(kept.isPoisoned()).isFalse();
            assertThat(rig.read(vsic, kept, 0, rig.buffer(1))).isEqualTo(Status.SUCCESS);
            assertThatThrownBy(() -> rig.media.flush())
                    .isInstanceOf(MediaException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining(String.valueOf(BLOCKS * BLOCK))
                    .hasMessageContaining(String.valueOf(4 * BLOCK))
                    .hasMessageContaining("backup");
        }
    }

    /** How an I/O error of a mapping reaches Java, on this JDK: at the access, as an InternalError. */
    @Test
    void aWindowOnATruncatedFileThrowsInternalError() throws Exception {
        Path file = directory.resolve("cut");
        try (MappedFileMedia media = create("cut");
                Arena arena = Arena.ofShared()) {
            MemorySegment view = media.view(8 * BLOCK, BLOCK, arena);
            try (FileChannel somebody = FileChannel.open(file, StandardOpenOption.WRITE)) {
                somebody.truncate(4 * BLOCK);
            }
            assertThatThrownBy(() -> sum(view)).isInstanceOf(InternalError.class);
            DmaBuffer target = DmaBuffer.allocate(BLOCK, BLOCK, arena);
            assertThatThrownBy(() -> MemorySegment.copy(view, 0, target.segment(), 0, BLOCK))
                    .isInstanceOf(InternalError.class);
        }
    }

    /** An interrupt closes a FileChannel, and nobody could use the device any more. */
    @Test
    void anInterruptedThreadWritesFlushesAndReadsAsEver() throws Exception {
        try (MappedFileMedia media = create("interrupted");
                Arena arena = Arena.ofConfined()) {
            DmaBuffer buffer = DmaBuffer.allocate(BLOCK, BLOCK, arena);
            buffer.segment().fill((byte) 77);
            Thread.currentThread().interrupt();
            try {
                media.write(5 * BLOCK, buffer, 0, BLOCK);
                media.flush();
                buffer.segment().fill((byte) 0);
                media.read(5 * BLOCK, buffer, 0, BLOCK);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(buffer.segment().get(ValueLayout.JAVA_BYTE, BLOCK - 1)).isEqualTo((byte) 77);
            media.grow(MAX_BLOCKS * BLOCK);
            media.flush();
        }
    }

    @Test
    void aFileThatIsNotTheLockedOneIsRefused() throws Exception {
        Path other = Files.write(directory.resolve("other"), new byte[BLOCK]);
        assertThatThrownBy(() -> FileIo.open(other).close())
                .isInstanceOf(MediaException.class)
                .hasMessageContaining(other.toString())
                .hasMessageContaining("open it again");
    }

    private static long sum(MemorySegment view) {
        long sum = 0;
        for (long i = 0; i < view.byteSize(); i++) {
            sum += view.get(ValueLayout.JAVA_BYTE, i);
        }
        return sum;
    }
}
