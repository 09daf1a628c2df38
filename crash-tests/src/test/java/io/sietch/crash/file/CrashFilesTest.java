package io.sietch.crash.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.crash.ChoiceTree;
import io.sietch.crash.Choices;
import io.sietch.crash.CrashMedia;
import io.sietch.crash.CrashModel;
import io.sietch.crash.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a power loss leaves of files and names. Files are written as their name with what they hold. */
class CrashFilesTest {
    private final CrashMedia media = new CrashMedia(CrashFiles.geometry(1 << 20));
    private final FileSystem files;

    CrashFilesTest() throws IOException {
        files = CrashFiles.mount(media);
    }

    private Path path(String name) {
        return files.getPath(name);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(path(name), text);
    }

    private void sync(String name) throws IOException {
        try (FileChannel channel = FileChannel.open(path(name))) {
            channel.force(true);
        }
    }

    /** Everything that a power loss now may leave. */
    private Set<String> left(CrashModel model) throws IOException {
        Set<String> all = new TreeSet<>();
        ChoiceTree tree = new ChoiceTree();
        do {
            all.add(content(CrashFiles.mount(CrashMedia.on(media.crash(model, tree)))));
        } while (tree.next());
        return all;
    }

    private Set<String> left() throws IOException {
        return left(CrashModel.SECTORS);
    }

    private static String content(FileSystem mounted) throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> tree = Files.walk(mounted.getPath("/"))) {
            for (Path path : tree.skip(1).sorted().toList()) {
                String held = Files.isDirectory(path) ? "/" : "=" + Files.readString(path);
                text.append(text.isEmpty() ? "" : " ").append(path).append(held.replace('\0', '0'));
            }
        }
        return text.toString();
    }

    /** The link of what was replaced lies in a slot that nobody minds any more once the directory was synced. */
    @Test
    void whatWasReplacedStaysGoneWhenItsSuccessorIsDeletedAfterASync() throws IOException {
        write("/a", "old");
        sync("/a");
        write("/b", "new");
        sync("/b");
        sync("/");
        Files.move(path("/b"), path("/a"), StandardCopyOption.REPLACE_EXISTING);
        sync("/");
        Files.delete(path("/a"));
        assertThat(left()).containsExactly("", "/a=new");
        sync("/");
        assertThat(left()).containsExactly("");
    }

    @Test
    void anUnsyncedFileMayLoseItsNameItsLengthOrItsBytes() throws IOException {
        write("a", "xy");
        assertThat(left()).containsExactlyInAnyOrder("", "/a=", "/a=00", "/a=xy");
    }

    @Test
    void aSyncedFileMayStillLoseItsName() throws IOException {
        write("a", "xy");
        sync("a");
        assertThat(left()).containsExactlyInAnyOrder("", "/a=xy");
    }

    @Test
    void aSyncedDirectoryKeepsNamesAndNotWhatTheyLeadTo() throws IOException {
        write("a", "xy");
        sync("/");
        assertThat(left()).containsExactlyInAnyOrder("/a=", "/a=00", "/a=xy");
        sync("a");
        assertThat(left()).containsExactly("/a=xy");
    }

    @Test
    void syncingOneFileLeavesTheOthersOpen() throws IOException {
        write("a", "x");
        write("b", "y");
        sync("/");
        sync("b");
        assertThat(left()).containsExactlyInAnyOrder("/a= /b=y", "/a=0 /b=y", "/a=x /b=y");
    }

    @Test
    void aRenameHappensOrNot() throws IOException {
        write("a", "old");
        write("b", "new");
        sync("a");
        sync("b");
        sync("/");
        Files.move(path("b"), path("a"), StandardCopyOption.ATOMIC_MOVE);
        assertThat(left()).containsExactlyInAnyOrder("/a=old /b=new", "/a=new");
        sync("/");
        assertThat(left()).containsExactly("/a=new");
    }

    @Test
    void aRenameBetweenDirectoriesHappensOrNotAndIsDurableOnceEitherIsSynced() throws IOException {
        Files.createDirectory(path("d"));
        write("a", "x");
        sync("a");
        sync("/");
        Files.move(path("a"), path("d/a"));
        assertThat(left()).containsExactlyInAnyOrder("/a=x /d/", "/d/ /d/a=x");
        sync("/");
        assertThat(left()).containsExactly("/d/ /d/a=x");
    }

    @Test
    void aDeletedFileMayComeBackUntilItsDirectoryIsSynced() throws IOException {
        write("a", "x");
        sync("a");
        sync("/");
        Files.delete(path("a"));
        assertThat(left()).containsExactlyInAnyOrder("", "/a=x");
        sync("/");
        assertThat(left()).containsExactly("");
    }

    @Test
    void aReplacedFileIsNotOverwrittenBeforeItsReplacementIsDurable() throws IOException {
        write("a", "old");
        sync("a");
        sync("/");
        write("b", "new");
        sync("b");
        Files.move(path("b"), path("a"), StandardCopyOption.REPLACE_EXISTING);
        // New files must not take the slot of what may come back.
        for (int i = 0; i < 5; i++) {
            write("c" + i, "");
        }
        for (String state : left(CrashModel.COMMANDS)) {
            assertThat(state).containsPattern("/a=(old|new)");
        }
    }

    @Test
    void aFileWhoseLengthWasLostDoesNotShowWhatItsPredecessorHeld() throws IOException {
        write("a", "old");
        sync("a");
        sync("/");
        Files.delete(path("a"));
        sync("/");
        write("b", "new");
        sync("/");
        assertThat(left()).containsExactlyInAnyOrder("/b=", "/b=000", "/b=new");
    }

    @Test
    void bytesThatSurvivedWithoutTheirLengthDoNotTurnUpWhenTheFileGrows() throws IOException {
        write("a", "old ".repeat(300));
        try (FileChannel channel = FileChannel.open(path("a"), StandardOpenOption.WRITE)) {
            channel.truncate(10);
            channel.force(true);
            sync("/");
            channel.write(ByteBuffer.wrap("lost".repeat(300).getBytes(StandardCharsets.US_ASCII)), 10);
        }
        // The bytes survive, the length (sector 2) does not.
        CrashMedia next = CrashMedia.on(media.crash(
                CrashModel.SECTORS,
                (decision, sector, options) -> sector == VolumeFormat.nodeSector(0) ? options - 1 : 0));
        FileSystem mounted = CrashFiles.mount(next);
        Path file = mounted.getPath("/a");
        assertThat(Files.readString(file)).isEqualTo("old old ol");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap("new".repeat(300).getBytes(StandardCharsets.US_ASCII)), 10);
        }
        ChoiceTree tree = new ChoiceTree();
        do {
            String left = content(CrashFiles.mount(CrashMedia.on(next.crash(CrashModel.SECTORS, tree))));
            assertThat(left).doesNotContain("lost").startsWith("/a=old old ol");
        } while (tree.next());
    }

    @Test
    void aFileCutShortAndGrownAgainShowsZerosInBetween() throws IOException {
        write("a", "abcdef");
        try (FileChannel channel = FileChannel.open(path("a"), StandardOpenOption.WRITE)) {
            channel.truncate(2);
            channel.write(ByteBuffer.wrap(new byte[] {'x'}), 5);
        }
        assertThat(content(files)).isEqualTo("/a=ab000x");
    }

    @Test
    void theLinksAndLengthsOfFilesAreNeverTorn() throws IOException {
        write("a", "xy");
        for (int seed = 0; seed < 200; seed++) {
            CrashMedia next = CrashMedia.on(media.crash(CrashModel.GARBAGE_SECTORS, Choices.random(seed)));
            try (FileSystem mounted = CrashFiles.mount(next)) {
                if (Files.exists(mounted.getPath("a"))) {
                    assertThat(Files.size(mounted.getPath("a")))
                            .as("seed %d", seed)
                            .isIn(0L, 2L);
                }
            }
        }
    }

    @Test
    void aKilledProcessLosesNothingAndItsSuccessorCanStillLoseIt() throws IOException {
        write("a", "x");
        CrashMedia next = media.kill(media.events());
        FileSystem successor = CrashFiles.mount(next);
        assertThat(content(successor)).isEqualTo("/a=x");
        Set<String> all = new TreeSet<>();
        ChoiceTree tree = new ChoiceTree();
        do {
            all.add(content(CrashFiles.mount(CrashMedia.on(next.crash(CrashModel.SECTORS, tree)))));
        } while (tree.next());
        assertThat(all).containsExactlyInAnyOrder("", "/a=", "/a=0", "/a=x");
    }

    @Test
    void slotsOfDeletedFilesComeBackWhenTheirDirectoryIsSynced() throws IOException {
        assertThatThrownBy(() -> {
                    for (int i = 0; i <= VolumeFormat.SLOTS; i++) {
                        write("a", "");
                        Files.delete(path("a"));
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("since their directory was last synced");
        sync("/");
        for (int i = 0; i < VolumeFormat.SLOTS; i++) {
            write("a" + i, "");
        }
        assertThat(content(files).split(" ")).hasSize(VolumeFormat.SLOTS);
    }

    @Test
    void aFullMediumIsSaidToBeFull() {
        assertThatThrownBy(() -> Files.write(path("a"), new byte[2 << 20]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("CrashFiles.geometry");
    }

    @Test
    void aFailingDeviceFailsTheOperation() throws IOException {
        write("a", "x");
        media.inject(Fault.once(Fault.Call.FLUSH, 1));
        assertThatThrownBy(() -> sync("a")).isInstanceOf(IOException.class);
        media.inject(Fault.once(Fault.Call.WRITE, 1));
        assertThatThrownBy(() -> write("a", "y")).isInstanceOf(IOException.class);
        media.inject(Fault.once(Fault.Call.READ, 1));
        assertThatThrownBy(() -> Files.readString(path("a"))).isInstanceOf(IOException.class);
    }

    @Test
    void locksExcludeEachOtherAndGoWithTheirChannel() throws IOException {
        write("a", "");
        try (FileChannel one = FileChannel.open(path("a"), StandardOpenOption.WRITE)) {
            try (FileChannel two = FileChannel.open(path("a"), StandardOpenOption.WRITE)) {
                assertThat(two.lock().isValid()).isTrue();
                assertThatThrownBy(one::tryLock).isInstanceOf(OverlappingFileLockException.class);
            }
            assertThat(one.tryLock().isValid()).isTrue();
        }
    }

    @Test
    void aChannelOnTheWholeMediumLosesWhatWasNotForced() throws IOException {
        CrashMedia bare = new CrashMedia(CrashFiles.geometry(1 << 20));
        try (FileChannel channel = CrashFiles.channel(bare)) {
            channel.write(ByteBuffer.wrap(new byte[] {1}), 70_000);
            channel.force(false);
            channel.write(ByteBuffer.wrap(new byte[] {2}), 70_000);
            channel.write(ByteBuffer.wrap(new byte[] {3}), 90_000);
        }
        Set<String> all = new TreeSet<>();
        ChoiceTree tree = new ChoiceTree();
        do {
            ByteBuffer bytes = ByteBuffer.allocate(2);
            try (FileChannel channel = CrashFiles.channel(CrashMedia.on(bare.crash(CrashModel.SECTORS, tree)))) {
                channel.read(bytes.limit(1), 70_000);
                channel.read(bytes.limit(2), 90_000);
            }
            all.add(bytes.get(0) + " " + bytes.get(1));
        } while (tree.next());
        assertThat(all).containsExactlyInAnyOrder("1 0", "1 3", "2 0", "2 3");
    }
}
