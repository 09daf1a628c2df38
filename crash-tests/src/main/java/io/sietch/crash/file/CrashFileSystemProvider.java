package io.sietch.crash.file;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@link java.nio.file.Files} asks of a file system. Not installed, and found by no URI: a path comes from
 * {@link CrashFiles#mount}. There are no links, owners, permissions and times; attributes that set them are refused.
 */
final class CrashFileSystemProvider extends FileSystemProvider {
    static final String SCHEME = "crash";

    /** A name in a directory that exists; the root's is the empty name in itself. */
    private record Place(
            Inode parent, String name, @Nullable Inode found) {}

    private static Volume volume(Path path) {
        return CrashPath.of(path).files().volume();
    }

    private static Place place(Path path) throws IOException {
        Volume volume = volume(path);
        List<String> names = CrashPath.of(path).fromRoot();
        if (names.isEmpty()) {
            Inode root = directory(volume, List.of(), path);
            return new Place(root, "", root);
        }
        Inode parent = directory(volume, names.subList(0, names.size() - 1), path);
        String name = names.getLast();
        if (name.getBytes(StandardCharsets.UTF_8).length > VolumeFormat.NAME_MAX) {
            throw new FileSystemException(path.toString(), null, "File name too long");
        }
        return new Place(parent, name, volume.find(names));
    }

    /** The directory that these names lead to, all of which are directories. */
    private static Inode directory(Volume volume, List<String> names, Path path) throws IOException {
        Inode at = volume.find(List.of());
        for (int i = 1; at != null && i <= names.size(); i++) {
            at = volume.find(names.subList(0, i));
            if (at != null && !at.directory) {
                throw new FileSystemException(path.toString(), null, "Not a directory");
            }
        }
        if (at == null) {
            throw new NoSuchFileException(path.toString());
        }
        return at;
    }

    private static Inode require(Path path) throws IOException {
        Inode found = place(path).found;
        if (found == null) {
            throw new NoSuchFileException(path.toString());
        }
        return found;
    }

    // ---- file systems and stores ---------------------------------------------------------------------------------

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException("use CrashFiles.mount");
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        throw new FileSystemNotFoundException(uri + ": a file system of the crash kit has no URI");
    }

    @Override
    public Path getPath(URI uri) {
        throw new FileSystemNotFoundException(uri + ": a file system of the crash kit has no URI");
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        require(path);
        return new CrashFileStore(CrashPath.of(path).files());
    }

    // ---- channels ------------------------------------------------------------------------------------------------

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        refuse(attributes);
        for (OpenOption option : options) {
            if (!(option instanceof StandardOpenOption) && !(option instanceof LinkOption)) {
                throw new UnsupportedOperationException("open option " + option);
            }
        }
        boolean appends = options.contains(StandardOpenOption.APPEND);
        boolean writes = appends || options.contains(StandardOpenOption.WRITE);
        boolean reads = options.contains(StandardOpenOption.READ) || !writes;
        boolean truncates = options.contains(StandardOpenOption.TRUNCATE_EXISTING);
        if (appends && (reads || truncates)) {
            throw new IllegalArgumentException((reads ? "READ" : "TRUNCATE_EXISTING") + " + APPEND not allowed");
        }
        Inode inode = open(path, options, writes);
        Volume volume = volume(path);
        if (writes && truncates) {
            volume.truncate(inode, 0);
        }
        boolean syncs = options.contains(StandardOpenOption.SYNC) || options.contains(StandardOpenOption.DSYNC);
        return new CrashFileChannel(
                FileContent.open(volume, inode, options.contains(StandardOpenOption.DELETE_ON_CLOSE)),
                new CrashFileChannel.Mode(reads, writes, appends, syncs),
                CrashPath.of(path).files().locks(),
                inode);
    }

    private static Inode open(Path path, Set<? extends OpenOption> options, boolean writes) throws IOException {
        Place place = place(path);
        Inode inode = place.found;
        boolean createsNew = writes && options.contains(StandardOpenOption.CREATE_NEW);
        if (inode == null) {
            if (!createsNew && !(writes && options.contains(StandardOpenOption.CREATE))) {
                throw new NoSuchFileException(path.toString());
            }
            return volume(path).create(place.parent, place.name, false);
        }
        if (createsNew) {
            throw new FileAlreadyExistsException(path.toString());
        }
        if (writes && inode.directory) {
            throw new FileSystemException(path.toString(), null, "Is a directory");
        }
        return inode;
    }

    // ---- directories ---------------------------------------------------------------------------------------------

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path directory, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        Inode inode = require(directory);
        if (!inode.directory) {
            throw new NotDirectoryException(directory.toString());
        }
        List<Path> found = new ArrayList<>();
        for (String name : volume(directory).list(inode)) {
            found.add(directory.resolve(name));
        }
        return new Listing(found, filter);
    }

    /** The names as they were when the directory was opened. */
    private static final class Listing implements DirectoryStream<Path> {
        private final List<Path> paths;
        private final Filter<? super Path> filter;
        private boolean begun;

        Listing(List<Path> paths, Filter<? super Path> filter) {
            this.paths = paths;
            this.filter = filter;
        }

        @Override
        public Iterator<Path> iterator() {
            if (begun) {
                throw new IllegalStateException("a directory stream has one iterator");
            }
            begun = true;
            return paths.stream().filter(this::accepts).iterator();
        }

        private boolean accepts(Path path) {
            try {
                return filter.accept(path);
            } catch (IOException e) {
                throw new DirectoryIteratorException(e);
            }
        }

        @Override
        public void close() {
            begun = true;
        }
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
        refuse(attributes);
        Place place = place(directory);
        if (place.found != null) {
            throw new FileAlreadyExistsException(directory.toString());
        }
        volume(directory).create(place.parent, place.name, true);
    }

    private static void refuse(FileAttribute<?>... attributes) {
        if (attributes.length > 0) {
            throw new UnsupportedOperationException("attribute " + attributes[0].name());
        }
    }

    @Override
    public void delete(Path path) throws IOException {
        Inode inode = require(path);
        requireEmpty(inode, path);
        requireNoRoot(inode, path);
        volume(path).delete(inode);
    }

    private static void requireEmpty(Inode inode, Path path) throws IOException {
        if (!volume(path).list(inode).isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
    }

    private static void requireNoRoot(Inode inode, Path path) throws IOException {
        if (inode.slot == VolumeFormat.ROOT) {
            throw new FileSystemException(path.toString(), null, "Device or resource busy");
        }
    }

    // ---- moving and copying --------------------------------------------------------------------------------------

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        List<CopyOption> wanted = Arrays.asList(options);
        Inode inode = require(source);
        requireNoRoot(inode, source);
        Place place = place(target);
        if (place.found == inode) {
            return;
        }
        boolean replaces =
                wanted.contains(StandardCopyOption.REPLACE_EXISTING) || wanted.contains(StandardCopyOption.ATOMIC_MOVE);
        requireFree(place, target, replaces);
        for (Inode at = place.parent;
                at.slot != VolumeFormat.ROOT;
                at = volume(target).parent(at)) {
            if (at == inode) {
                throw new FileSystemException(source.toString(), target.toString(), "Invalid argument");
            }
        }
        volume(source).rename(inode, place.parent, place.name);
    }

    private static void requireFree(Place place, Path target, boolean replaces) throws IOException {
        if (place.found != null) {
            if (!replaces) {
                throw new FileAlreadyExistsException(target.toString());
            }
            requireEmpty(place.found, target);
            requireNoRoot(place.found, target);
        }
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
        Inode inode = require(source);
        Place place = place(target);
        if (place.found == inode) {
            return;
        }
        requireFree(place, target, Arrays.asList(options).contains(StandardCopyOption.REPLACE_EXISTING));
        if (place.found != null) {
            volume(target).delete(place.found);
        }
        if (inode.directory) {
            createDirectory(target);
            return;
        }
        Set<OpenOption> create = Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        try (FileChannel from = newFileChannel(source, Set.of(StandardOpenOption.READ));
                FileChannel to = newFileChannel(target, create)) {
            from.transferTo(0, from.size(), to);
        }
    }

    // ---- attributes ----------------------------------------------------------------------------------------------

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
        return path.equals(other) || other instanceof CrashPath && require(path) == require(other);
    }

    @Override
    public boolean isHidden(Path path) {
        Path name = path.getFileName();
        return name != null && name.toString().startsWith(".");
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        Inode inode = require(path);
        if (!inode.directory && Arrays.asList(modes).contains(AccessMode.EXECUTE)) {
            throw new AccessDeniedException(path.toString());
        }
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        return type.isAssignableFrom(BasicFileAttributeView.class) ? type.cast(new View(this, path)) : null;
    }

    private record View(CrashFileSystemProvider provider, Path path) implements BasicFileAttributeView {
        @Override
        public String name() {
            return "basic";
        }

        @Override
        public BasicFileAttributes readAttributes() throws IOException {
            return provider.readAttributes(path, BasicFileAttributes.class);
        }

        @Override
        public void setTimes(@Nullable FileTime modified, @Nullable FileTime accessed, @Nullable FileTime created)
                throws IOException {
            // Times are not kept, so setting them has no effect on a file that is there.
            require(path);
        }
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        if (!type.isAssignableFrom(CrashFileAttributes.class)) {
            throw new UnsupportedOperationException("attributes " + type.getName());
        }
        Inode inode = require(path);
        return type.cast(new CrashFileAttributes(inode.directory, volume(path).size(inode), inode.generation));
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        BasicFileAttributes read = readAttributes(path, BasicFileAttributes.class);
        Map<String, Object> all = new HashMap<>();
        all.put("size", read.size());
        all.put("isDirectory", read.isDirectory());
        all.put("isRegularFile", read.isRegularFile());
        all.put("isSymbolicLink", read.isSymbolicLink());
        all.put("isOther", read.isOther());
        all.put("lastModifiedTime", read.lastModifiedTime());
        all.put("lastAccessTime", read.lastAccessTime());
        all.put("creationTime", read.creationTime());
        all.put("fileKey", read.fileKey());
        Set<String> wanted = new HashSet<>(
                Arrays.asList(attributes.substring(attributes.indexOf(':') + 1).split(",", -1)));
        if (!wanted.contains("*")) {
            if (!all.keySet().containsAll(wanted)) {
                throw new IllegalArgumentException("attributes " + attributes + " of a file that has " + all.keySet());
            }
            all.keySet().retainAll(wanted);
        }
        return all;
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
        throw new UnsupportedOperationException("attribute " + attribute);
    }
}
