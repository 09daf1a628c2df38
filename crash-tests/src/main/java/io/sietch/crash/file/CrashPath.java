package io.sietch.crash.file;

import java.io.IOException;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A path as on Unix: names between slashes. The empty path has one empty name. */
final class CrashPath implements Path {
    private final CrashFileSystem files;
    private final boolean absolute;
    private final List<String> names;

    CrashPath(CrashFileSystem files, boolean absolute, List<String> names) {
        this.files = files;
        this.absolute = absolute;
        this.names = names.isEmpty() && !absolute ? List.of("") : List.copyOf(names);
    }

    static CrashPath parse(CrashFileSystem files, String first, String... more) {
        List<String> parts = new ArrayList<>(List.of(first));
        parts.addAll(Arrays.asList(more));
        parts.removeIf(String::isEmpty);
        String text = String.join("/", parts);
        if (text.indexOf('\0') >= 0) {
            throw new InvalidPathException(text, "holds a null character");
        }
        List<String> names = new ArrayList<>(Arrays.asList(text.split("/", -1)));
        names.removeIf(String::isEmpty);
        return new CrashPath(files, text.startsWith("/"), names);
    }

    static CrashPath of(Path path) {
        if (path instanceof CrashPath ours) {
            return ours;
        }
        throw new ProviderMismatchException(path + " is no path of the crash kit");
    }

    private CrashPath ours(Path other) {
        CrashPath path = of(other);
        if (path.files != files) {
            throw new ProviderMismatchException(other + " is a path of another life");
        }
        return path;
    }

    private CrashPath relative(List<String> some) {
        return new CrashPath(files, false, some);
    }

    private boolean isEmpty() {
        return !absolute && names.equals(List.of(""));
    }

    private List<String> realNames() {
        return isEmpty() ? List.of() : names;
    }

    /** The names from the root down to what this leads to, without "." and "..". */
    List<String> fromRoot() {
        return ((CrashPath) toAbsolutePath().normalize()).names;
    }

    CrashFileSystem files() {
        return files;
    }

    @Override
    public CrashFileSystem getFileSystem() {
        return files;
    }

    @Override
    public boolean isAbsolute() {
        return absolute;
    }

    @Override
    public @Nullable Path getRoot() {
        return absolute ? new CrashPath(files, true, List.of()) : null;
    }

    @Override
    public @Nullable Path getFileName() {
        return names.isEmpty() ? null : relative(List.of(names.getLast()));
    }

    @Override
    public @Nullable Path getParent() {
        if (names.isEmpty() || names.size() == 1 && !absolute) {
            return null;
        }
        return new CrashPath(files, absolute, names.subList(0, names.size() - 1));
    }

    @Override
    public int getNameCount() {
        return names.size();
    }

    @Override
    public Path getName(int index) {
        return subpath(index, index + 1);
    }

    @Override
    public Path subpath(int from, int to) {
        if (from < 0 || to > names.size() || from >= to) {
            throw new IllegalArgumentException("names " + from + " to " + to + " of " + this);
        }
        return relative(names.subList(from, to));
    }

    @Override
    public boolean startsWith(Path other) {
        return other instanceof CrashPath path
                && path.files == files
                && path.absolute == absolute
                && path.names.size() <= names.size()
                && names.subList(0, path.names.size()).equals(path.names);
    }

    @Override
    public boolean endsWith(Path other) {
        if (!(other instanceof CrashPath path) || path.files != files || path.names.size() > names.size()) {
            return false;
        }
        return path.absolute
                ? equals(path)
                : !path.isEmpty()
                                && names.subList(names.size() - path.names.size(), names.size())
                                        .equals(path.names)
                        || path.isEmpty() && isEmpty();
    }

    @Override
    public Path normalize() {
        List<String> kept = new ArrayList<>();
        for (String name : names) {
            boolean up = name.equals("..");
            if (up && !kept.isEmpty() && !kept.getLast().equals("..")) {
                kept.removeLast();
            } else if (!name.equals(".") && !(up && absolute)) {
                kept.add(name);
            }
        }
        return new CrashPath(files, absolute, kept);
    }

    @Override
    public Path resolve(Path other) {
        CrashPath path = ours(other);
        if (path.absolute || isEmpty()) {
            return path;
        }
        if (path.isEmpty()) {
            return this;
        }
        List<String> all = new ArrayList<>(names);
        all.addAll(path.names);
        return new CrashPath(files, absolute, all);
    }

    @Override
    public Path relativize(Path other) {
        CrashPath path = ours(other);
        if (path.absolute != absolute) {
            throw new IllegalArgumentException("of " + this + " and " + other + " one is absolute");
        }
        List<String> here = realNames();
        List<String> there = path.realNames();
        int common = 0;
        while (common < Math.min(here.size(), there.size()) && here.get(common).equals(there.get(common))) {
            common++;
        }
        if (here.subList(common, here.size()).contains("..")) {
            throw new IllegalArgumentException("there is no way from " + this + " to " + other);
        }
        List<String> way = new ArrayList<>(Collections.nCopies(here.size() - common, ".."));
        way.addAll(there.subList(common, there.size()));
        return relative(way);
    }

    @Override
    public URI toUri() {
        return URI.create(CrashFileSystemProvider.SCHEME + "://" + toAbsolutePath());
    }

    @Override
    public Path toAbsolutePath() {
        return absolute ? this : new CrashPath(files, true, realNames());
    }

    @Override
    public Path toRealPath(LinkOption... options) throws IOException {
        CrashPath real = (CrashPath) toAbsolutePath().normalize();
        if (files.volume().find(real.names) == null) {
            throw new NoSuchFileException(toString());
        }
        return real;
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException("files of the crash kit cannot be watched");
    }

    @Override
    public int compareTo(Path other) {
        return toString().compareTo(of(other).toString());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CrashPath path
                && path.files == files
                && path.absolute == absolute
                && path.names.equals(names);
    }

    @Override
    public int hashCode() {
        return Objects.hash(absolute, names);
    }

    @Override
    public String toString() {
        return (absolute ? "/" : "") + String.join("/", names);
    }
}
