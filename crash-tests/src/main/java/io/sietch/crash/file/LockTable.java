package io.sietch.crash.file;

import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.util.ArrayList;
import java.util.List;

/** The locks that the channels of one process hold. They go with the process, so a crash leaves none. */
final class LockTable {
    private final List<Lock> held = new ArrayList<>();

    private static final class Lock extends FileLock {
        private final LockTable table;
        private final Object key;
        private boolean released;

        Lock(LockTable table, FileChannel channel, Object key, long from, long size, boolean shared) {
            super(channel, from, size, shared);
            this.table = table;
            this.key = key;
        }

        @Override
        public boolean isValid() {
            return !released && acquiredBy().isOpen();
        }

        @Override
        public void release() throws ClosedChannelException {
            if (!acquiredBy().isOpen()) {
                throw new ClosedChannelException();
            }
            table.remove(this);
        }
    }

    /**
     * Takes a lock.
     *
     * @throws OverlappingFileLockException if this process has one there already
     */
    synchronized FileLock lock(FileChannel channel, Object key, long from, long size, boolean shared) {
        for (Lock lock : held) {
            if (lock.key.equals(key) && lock.overlaps(from, size)) {
                throw new OverlappingFileLockException();
            }
        }
        Lock lock = new Lock(this, channel, key, from, size, shared);
        held.add(lock);
        return lock;
    }

    private synchronized void remove(Lock lock) {
        lock.released = true;
        held.remove(lock);
    }

    synchronized void release(FileChannel channel) {
        for (Lock lock : List.copyOf(held)) {
            if (lock.acquiredBy().equals(channel)) {
                remove(lock);
            }
        }
    }
}
