package io.sietch.crash.file;

import io.sietch.crash.CrashGeometry;
import io.sietch.crash.CrashMedia;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;

/**
 * Files and channels on a {@link CrashMedia}: has storage code crash that was not written for this kit.
 *
 * <p>What a crash may do is what POSIX allows: what was written to a file and not synced is there sector by sector or
 * not, a length that was not synced is there or not, whether or not its data are, and neither needs the other. A name
 * is there or not until the <em>directory</em> was synced: opened for reading with {@code FileChannel.open(directory)}
 * and forced, as on Linux. Syncing a file says nothing of its name. A rename is atomic.
 */
public final class CrashFiles {
    private CrashFiles() {}

    /**
     * The shape of a medium for files, in sectors of 512 bytes.
     *
     * @param size bytes in all, of which the file system takes 127 sectors for itself. Space of deleted files is
     *     not given out again: leave room for all that a test writes
     */
    public static CrashGeometry geometry(long size) {
        return new CrashGeometry(size, size, 1, 512, (long) VolumeFormat.dataStart() * 512);
    }

    /**
     * The files on a medium; on a blank one an empty root directory. A file system that is mounted is what one process
     * has: mount anew in each life.
     *
     * @throws IOException if the medium holds something else, or fails
     */
    public static FileSystem mount(CrashMedia media) throws IOException {
        return new CrashFileSystem(Volume.mount(media));
    }

    /** The whole medium as one file of fixed length, without a file system; forcing it flushes all. */
    public static FileChannel channel(CrashMedia media) {
        return new CrashFileChannel(
                new MediumContent(media), new CrashFileChannel.Mode(true, true, false, false), new LockTable(), media);
    }
}
