package io.sietch.crash.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.CopyOption;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.h2.store.fs.FilePath;
import org.jspecify.annotations.Nullable;

/** H2's view of the files of this thread's present life, under names that begin with {@code life:}. */
@SuppressWarnings("NullAway.Init") // FilePath has a field for its name, set by getPath
public final class H2FilePath extends FilePath {
    static final String SCHEME = "life";
    private static final ThreadLocal<@Nullable FileSystem> PRESENT = new ThreadLocal<>();

    /** For H2, which makes paths from the one that is registered. */
    public H2FilePath() {}

    private H2FilePath(String name) {
        this.name = name;
    }

    /** Has the names lead to these files from now on. */
    static void live(FileSystem files) {
        FilePath.register(new H2FilePath());
        PRESENT.set(files);
    }

    private Path path() {
        FileSystem files = PRESENT.get();
        if (files == null) {
            throw new IllegalStateException("no life in this thread");
        }
        return files.getPath(name.substring(SCHEME.length() + 1));
    }

    private static FilePath of(Path path) {
        return new H2FilePath(SCHEME + ":" + path);
    }

    private interface Action<T> {
        T run() throws IOException;
    }

    private static <T> T unchecked(Action<T> action) {
        try {
            return action.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FilePath getPath(String path) {
        return new H2FilePath(path);
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        Set<StandardOpenOption> options = mode.equals("r")
                ? Set.of(StandardOpenOption.READ)
                : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        return FileChannel.open(path(), options);
    }

    @Override
    public long size() {
        return unchecked(() -> Files.size(path()));
    }

    @Override
    public void moveTo(FilePath target, boolean atomicReplace) {
        CopyOption[] options = atomicReplace ? new CopyOption[] {StandardCopyOption.ATOMIC_MOVE} : new CopyOption[0];
        unchecked(() -> Files.move(path(), ((H2FilePath) target).path(), options));
    }

    @Override
    public boolean createFile() {
        return !exists() && unchecked(() -> Files.createFile(path())) != null;
    }

    @Override
    public boolean exists() {
        return Files.exists(path());
    }

    @Override
    public void delete() {
        unchecked(() -> Files.deleteIfExists(path()));
    }

    @Override
    public List<FilePath> newDirectoryStream() {
        return unchecked(() -> {
            try (Stream<Path> list = Files.list(path())) {
                return list.map(H2FilePath::of).toList();
            }
        });
    }

    @Override
    public FilePath toRealPath() {
        return of(path().toAbsolutePath().normalize());
    }

    @Override
    public @Nullable FilePath getParent() {
        Path parent = path().getParent();
        return parent == null ? null : of(parent);
    }

    @Override
    public boolean isDirectory() {
        return Files.isDirectory(path());
    }

    @Override
    public boolean isRegularFile() {
        return Files.isRegularFile(path());
    }

    @Override
    public boolean isAbsolute() {
        return path().isAbsolute();
    }

    @Override
    public long lastModified() {
        return 0;
    }

    @Override
    public boolean canWrite() {
        return true;
    }

    @Override
    public void createDirectory() {
        unchecked(() -> Files.createDirectory(path()));
    }

    @Override
    public boolean setReadOnly() {
        return false;
    }
}
