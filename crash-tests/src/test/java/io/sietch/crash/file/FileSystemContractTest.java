package io.sietch.crash.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.crash.CrashMedia;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** Whatever one does with files and nothing crashes, the crash kit's answer as the default file system does. */
class FileSystemContractTest {
    private static final List<String> NAMES = List.of("a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "missing/a");
    private static final List<OpenOption> OPTIONS = List.of(
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.APPEND,
            StandardOpenOption.CREATE,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.SYNC);

    /** One user of one file system: the same random numbers lead two of them through the same operations. */
    private static final class User {
        private final Path root;
        private final Random random;
        private final List<FileChannel> channels = new ArrayList<>();

        User(Path root, long seed) {
            this.root = root;
            this.random = new Random(seed);
        }

        private Path path() {

            return root.resolve(NAMES.get(random.nextInt(NAMES.size())));
        }

        private byte[] bytes() {
            byte[] bytes = new byte[random.nextInt(3000)];
            random.nextBytes(bytes);
            return bytes;
        }

        /** Does one thing and says what came of it. */
        String step() {
            int kind = random.nextInt(20);
            try {
                return kind + " " + step(kind);
            } catch (NoSuchFileException e) {
                // If both of two paths are wrong, either may be the one that is complained of.
                return kind + " " + (kind >= 4 && kind <= 6 ? "refused" : e.getClass());
            } catch (FileSystemException e) {
                return kind + " " + (e.getClass() == FileSystemException.class ? "refused" : e.getClass());
            } catch (IOException
                    | NonReadableChannelException
                    | NonWritableChannelException
                    | IllegalArgumentException e) {
                return kind + " " + e.getClass();
            }
        }

        private String step(int kind) throws IOException {
            return switch (kind) {
                case 0, 1 -> {
                    Files.write(path(), bytes());
                    yield "written";
                }
                case 2 -> Files.createDirectory(path()).getFileName() + " made";
                case 3 -> {
                    Files.delete(path());
                    yield "deleted";
                }
                case 4 -> {
                    Path from = path();
                    Path to = path();
                    // A directory cannot be moved into itself; the default file system says so after it has
                    // deleted what was to be replaced there, which nobody should do like it.
                    if (to.startsWith(from)) {
                        yield "into itself";
                    }
                    Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
                    yield "moved";
                }
                case 5 -> {
                    Path from = path();
                    Files.move(from, path());
                    yield "moved";
                }
                case 6 -> {
                    Path from = path();
                    Path to = path();
                    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
                    yield "copied";
                }
                case 7, 8, 9 -> open();
                default -> onChannel(kind);
            };
        }

        private String open() throws IOException {
            Set<OpenOption> options = new HashSet<>();
            for (OpenOption option : OPTIONS) {
                if (random.nextInt(3) == 0) {
                    options.add(option);
                }
            }
            // Directories cannot be opened for reading everywhere, nor read where they can.
            Path path = path();
            if (Files.isDirectory(path)) {
                return "directory";
            }
            channels.add(FileChannel.open(path, options));
            return "opened " + channels.getLast().size();
        }

        private String onChannel(int kind) throws IOException {
            if (channels.isEmpty()) {
                return "none open";
            }
            FileChannel channel = channels.get(random.nextInt(channels.size()));
            int place = random.nextInt(6000);
            return switch (kind) {
                case 10, 11 -> "wrote " + channel.write(ByteBuffer.wrap(bytes())) + " to " + channel.position();
                case 12 -> "wrote " + channel.write(ByteBuffer.wrap(bytes()), place) + " of " + channel.size();
                case 13 -> read(channel, -1);
                case 14 -> read(channel, place);
                case 15 -> "cut to " + channel.truncate(place).size() + " at " + channel.position();
                case 16 -> "at " + channel.position(place).position();
                case 17 -> {
                    channel.force(random.nextBoolean());
                    yield "forced";
                }
                case 18 -> {
                    FileChannel other = channels.get(random.nextInt(channels.size()));
                    yield other == channel ? "itself" : transfer(other, channel);
                }
                default -> {
                    channels.remove(channel);
                    channel.close();
                    yield "closed";
                }
            };
        }

        private String transfer(FileChannel from, FileChannel to) throws IOException {
            int place = random.nextInt(1000) - 10;
            int count = random.nextInt(1500) - 10;
            long moved = switch (random.nextInt(3)) {
                case 0 -> from.transferTo(place, count, to.position(to.size()));
                // Nothing, but refused where it would be: from a file to itself, systems differ in what they read.
                case 1 -> to.transferFrom(from, place, Math.min(count, 0));
                default -> to.transferFrom(Channels.newChannel(new ByteArrayInputStream(bytes())), place, count);
            };
            return "transferred " + moved + ", now " + to.size();
        }

        private String read(FileChannel channel, long place) throws IOException {
            ByteBuffer target = ByteBuffer.allocate(random.nextInt(2000));
            int count = place < 0 ? channel.read(target) : channel.read(target, place);
            return count + " bytes " + target.flip().hashCode();
        }

        /** All that is there. */
        String content() throws IOException {
            StringBuilder text = new StringBuilder();
            try (Stream<Path> tree = Files.walk(root)) {
                for (Path path : tree.sorted().toList()) {
                    text.append(root.relativize(path)).append(' ');
                    if (Files.isRegularFile(path)) {
                        byte[] bytes = Files.readAllBytes(path);
                        text.append(Files.size(path))
                                .append(' ')
                                .append(ByteBuffer.wrap(bytes).hashCode());
                    }
                    text.append('\n');
                }
            }
            return text.toString();
        }

        void close() throws IOException {
            for (FileChannel channel : channels) {
                channel.close();
            }
        }
    }

    /**
     * A file that is transferred to its own end while it grows; and one that may not be written gets not even nothing.
     */
    @Example
    void transfersEndWhereTheFileDid() throws IOException {
        Path real = Files.createTempDirectory("contract");
        try (FileSystem files = CrashFiles.mount(new CrashMedia(CrashFiles.geometry(1 << 20)))) {
            for (Path root : List.of(real, Files.createDirectory(files.getPath("/root")))) {
                Path file = Files.write(root.resolve("a"), new byte[300]);
                try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ);
                        FileChannel to = FileChannel.open(file, StandardOpenOption.APPEND)) {
                    assertThat(from.transferTo(100, 700, to)).isEqualTo(200);
                    assertThat(to.size()).isEqualTo(500);
                    assertThatThrownBy(() -> to.transferTo(500, 0, from))
                            .isInstanceOf(NonReadableChannelException.class);
                    assertThatThrownBy(() -> from.transferTo(500, 0, from))
                            .isInstanceOf(NonWritableChannelException.class);
                    assertThatThrownBy(() -> to.transferFrom(to, 500, 0))
                            .isInstanceOf(NonReadableChannelException.class);
                }
            }
        } finally {
            deleteTree(real);
        }
    }

    @Property(tries = 60)
    void filesBehaveAsThoseOfTheDefaultFileSystem(@ForAll long seed) throws IOException {
        Path real = Files.createTempDirectory("contract");
        CrashMedia media = new CrashMedia(CrashFiles.geometry(4 << 20));
        try (FileSystem files = CrashFiles.mount(media)) {
            Path simulated = Files.createDirectory(files.getPath("/root"));
            User there = new User(real, seed);
            User here = new User(simulated, seed);
            for (int step = 0; step < 40; step++) {
                assertThat(here.step()).as("seed %d, step %d", seed, step).isEqualTo(there.step());
                if (step % 8 == 7) {
                    assertThat(here.content())
                            .as("seed %d, step %d", seed, step)
                            .isEqualTo(there.content());
                }
            }
            there.close();
            here.close();
            User next = new User(CrashFiles.mount(media.kill(media.events())).getPath("/root"), seed);
            assertThat(next.content()).as("seed %d, the next process", seed).isEqualTo(there.content());
        } finally {
            deleteTree(real);
        }
    }

    private static void deleteTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @Property(tries = 300)
    void pathsBehaveAsThoseOfTheDefaultFileSystem(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        try (FileSystem files = CrashFiles.mount(new CrashMedia(CrashFiles.geometry(1 << 20)))) {
            String first = text(random);
            String second = text(random);
            Path real = Path.of(first);
            Path simulated = files.getPath(first);
            assertThat(describe(simulated, files.getPath(second)))
                    .as("\"%s\" and \"%s\"", first, second)
                    .isEqualTo(describe(real, Path.of(second)));
        }
    }

    private static String text(Random random) {
        List<String> parts = List.of("a", "b", ".", "..", "", "/", "c.d");
        StringBuilder text = new StringBuilder(random.nextBoolean() ? "/" : "");
        for (int i = random.nextInt(5); i > 0; i--) {
            text.append(parts.get(random.nextInt(parts.size()))).append(random.nextBoolean() ? "/" : "");
        }
        return text.toString();
    }

    private static String describe(Path path, Path other) {
        List<Object> all = new ArrayList<>();
        all.add(path.isAbsolute());
        all.add(path.getNameCount());
        all.add(String.valueOf(path.getRoot()));
        all.add(String.valueOf(path.getFileName()));
        all.add(String.valueOf(path.getParent()));
        all.add(path.normalize());
        all.add(path.resolve(other));
        all.add(path.resolveSibling(other));
        all.add(path.startsWith(other));
        all.add(path.endsWith(other));
        all.add(path.equals(other));
        all.add(Integer.signum(path.compareTo(other)));
        path.forEach(all::add);
        try {
            Path way = path.normalize().relativize(other.normalize());
            all.add(way);
        } catch (IllegalArgumentException e) {
            all.add("no way");
        }
        return all.toString();
    }
}
