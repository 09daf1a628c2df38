package io.sietch.crash.file;

import java.io.IOException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;

/** The files of one {@link Volume}. Relative paths begin at the root directory. */
final class CrashFileSystem extends FileSystem {
    private final Volume volume;
    private final CrashFileSystemProvider provider = new CrashFileSystemProvider();
    private final LockTable locks = new LockTable();
    private volatile boolean closed;

    CrashFileSystem(Volume volume) {
        this.volume = volume;
    }

    Volume volume() {
        if (closed) {
            throw new ClosedFileSystemException();
        }
        return volume;
    }

    LockTable locks() {
        return locks;
    }

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    /** Makes nothing durable: closing is no sync. */
    @Override
    public void close() throws IOException {
        closed = true;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(new CrashPath(this, true, List.of()));
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of(new CrashFileStore(this));
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return Set.of("basic");
    }

    @Override
    public Path getPath(String first, String... more) {
        return CrashPath.parse(this, first, more);
    }

    /** Matches as the default file system does, which knows the same names. */
    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern) {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher(syntaxAndPattern);
        return path -> matcher.matches(Path.of(path.toString()));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException("files of the crash kit have no owners");
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException("files of the crash kit cannot be watched");
    }
}
