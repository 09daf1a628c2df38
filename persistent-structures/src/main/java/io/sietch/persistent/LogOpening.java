package io.sietch.persistent;

import io.sietch.vsic.BlockingIo;
import io.sietch.vsic.Poller;
import io.sietch.vsic.Rights;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.Waiter;
import java.io.IOException;

/**
 * The way from an area to a log that can be used: format or recover, and begin a new epoch.
 *
 * @param superblocks with the superblock of the new epoch in force
 */
record LogOpening(SuperblockStore superblocks, LogRecovery recovery, LogTail tail) {
    /** Opens the area's log. Everything is read before anything is written; what is corrupt is not written at all. */
    static LogOpening of(Vsic vsic, Vsa area, Poller device, Waiter waiter, LogOptions options) throws IOException {
        BlockingIo io = new BlockingIo(vsic, device, waiter);
        boolean writable = area.rights() == Rights.READ_WRITE;
        SuperblockStore superblocks = new SuperblockStore(vsic, area, options.memory());
        LogSuperblock superblock = superblocks.read(io);
        boolean fresh = superblock == null;
        if (superblock == null) {
            superblock = format(io, area, superblocks, options);
        }
        check(superblock, area, writable);
        int slots = (int) (area.size() / superblock.segmentBytes());
        int slotsNow = writable ? slots : superblock.slots();
        LogRecovery recovery = new LogRecovery(io, area, superblock, slotsNow, options.check(), options.memory());
        LogTail tail = recovery.run();
        if (tail instanceof LogTail.Corrupt && options.check() != LogCheck.EVERYTHING) {
            recovery = new LogRecovery(io, area, superblock, slotsNow, LogCheck.EVERYTHING, options.memory());
            tail = recovery.run();
        }
        if (writable && !fresh && !(tail instanceof LogTail.Corrupt)) {
            // What recovery read may still be in a volatile cache, left there by a process that was killed. It has to
            // be durable before the superblock says so.
            io.flush(area);
            superblocks.write(
                    io,
                    superblock.opened(
                            superblocks.nextSequence(), superblock.epoch() + 1, recovery.readableTo(), slots));
        }
        return new LogOpening(superblocks, recovery, tail);
    }

    private static LogSuperblock format(BlockingIo io, Vsa area, SuperblockStore superblocks, LogOptions options)
            throws IOException {
        int segmentBytes =
                options.segmentBytes() == 0 ? LogGeometry.defaultSegmentBytes(area.size()) : options.segmentBytes();
        int blockBytes = LogGeometry.blockBytes(area.blockSize());
        long slots = area.size() / segmentBytes;
        if (slots < 2 || blockBytes * 8L > segmentBytes) {
            throw new IllegalArgumentException("an area of " + area.size() + " bytes in blocks of " + blockBytes
                    + " is too small for a log with segments of " + segmentBytes + " bytes: it needs two of at least "
                    + Math.max(LogGeometry.SEGMENT_MIN, blockBytes * 8L));
        }
        LogSuperblock superblock = new LogSuperblock(
                area.id(),
                superblocks.nextSequence(),
                options.salts().getAsLong(),
                1,
                0,
                0,
                0,
                segmentBytes,
                blockBytes,
                LogGeometry.commitBytes(area.blockSize()),
                (int) slots,
                false);
        superblocks.requireUnused(io);
        superblocks.write(io, superblock);
        return superblock;
    }

    private static void check(LogSuperblock superblock, Vsa area, boolean writable) throws LogFormatException {
        if (superblock.areaId() != area.id()) {
            throw new LogFormatException("the log in area " + area.id() + " belongs to area " + superblock.areaId()
                    + ": the areas were mixed up, or a copy was restored to the wrong place");
        }
        if (superblock.blockBytes() != LogGeometry.blockBytes(area.blockSize())) {
            throw new LogFormatException("the log in area " + area.id() + " was written in blocks of "
                    + superblock.blockBytes() + " bytes, and the device now has blocks of " + area.blockSize()
                    + ": open the device with its former block size");
        }
        if (writable && superblock.commitBytes() % area.blockSize() != 0) {
            throw new LogFormatException("the log in area " + area.id() + " was written on memory, in units of "
                    + superblock.commitBytes() + " bytes, and the device now has blocks of " + area.blockSize()
                    + ", which a crash can tear: put the device file back on a file system in memory, or export the log"
                    + " (sietch export) and import it into a new device");
        }
        long needed = (long) superblock.slots() * superblock.segmentBytes();
        if (area.size() < needed) {
            throw new LogFormatException("area " + area.id() + " has " + area.size() + " bytes, and its log needs "
                    + needed + ": the area was cut; restore it from a backup");
        }
    }
}
