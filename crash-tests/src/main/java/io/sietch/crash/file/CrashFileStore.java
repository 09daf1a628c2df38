package io.sietch.crash.file;

import java.nio.file.FileStore;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import org.jspecify.annotations.Nullable;

/** How much room there is. */
final class CrashFileStore extends FileStore {
    private final CrashFileSystem files;

    CrashFileStore(CrashFileSystem files) {
        this.files = files;
    }

    @Override
    public String name() {
        return "crash kit";
    }

    @Override
    public String type() {
        return CrashFileSystemProvider.SCHEME;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public long getTotalSpace() {
        return files.volume().totalBytes();
    }

    @Override
    public long getUsableSpace() {
        return files.volume().unusedBytes();
    }

    @Override
    public long getUnallocatedSpace() {
        return files.volume().unusedBytes();
    }

    @Override
    public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
        return type == BasicFileAttributeView.class;
    }

    @Override
    public boolean supportsFileAttributeView(String name) {
        return name.equals("basic");
    }

    @Override
    public <V extends FileStoreAttributeView> @Nullable V getFileStoreAttributeView(Class<V> type) {
        return null;
    }

    @Override
    public Object getAttribute(String attribute) {
        throw new UnsupportedOperationException("attribute \"" + attribute + "\"");
    }
}
