package io.sietch.crash.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;

/**
 * A file or directory of a {@link Volume} that a channel is open on. A directory can be synced and nothing else, as it
 * can where Java runs on Unix.
 */
record FileContent(Volume volume, Inode inode, boolean deleteOnClose) implements Content {
    static FileContent open(Volume volume, Inode inode, boolean deleteOnClose) {
        volume.opened(inode);
        return new FileContent(volume, inode, deleteOnClose);
    }

    private void requireFile() throws FileSystemException {
        if (inode.directory) {
            throw new FileSystemException(inode.name, null, "is a directory");
        }
    }

    @Override
    public long size() {
        return volume.size(inode);
    }

    @Override
    public int read(long position, ByteBuffer target) throws IOException {
        requireFile();
        return volume.read(inode, position, target);
    }

    @Override
    public int write(long position, ByteBuffer source) throws IOException {
        requireFile();
        return volume.write(inode, position, source);
    }

    @Override
    public void truncate(long size) throws IOException {
        requireFile();
        volume.truncate(inode, size);
    }

    @Override
    public void sync() throws IOException {
        volume.sync(inode);
    }

    @Override
    public void closed() throws IOException {
        volume.closed(inode);
        if (deleteOnClose && inode.linked) {
            volume.delete(inode);
        }
    }
}
