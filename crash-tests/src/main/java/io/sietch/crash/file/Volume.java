package io.sietch.crash.file;

import io.sietch.crash.CrashMedia;
import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.Extent;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Files and directories on a {@link CrashMedia}. What a change leaves on the medium is written at once and is flushed
 * when somebody syncs, so that the medium's model of a crash is that of the files.
 *
 * <p>Words: a <em>slot</em> holds what is known of one file: its <em>link</em> (name and directory) and its
 * <em>node</em> (length and place).
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Each operation on names changes one link, in one sector, so a crash leaves it done or not. Renaming to a name
 *       that is taken leaves the former link behind: of two links to one name the later one holds.
 *   <li>Syncing a file makes durable what it holds and how long it is, and no name. Syncing a directory makes durable
 *       which names are in it and which are not any more, and nothing of the files.
 *   <li>A name whose node was lost leads to an empty file: node and link carry the generation of their file.
 *   <li>Sectors are given out once, durably before they are used, and what lies behind the end of a file when it is
 *       mounted is not used again. So what was not written reads as zeros, whatever was lost. A slot is given out again
 *       after its directory was synced.
 * </ol>
 *
 * <p>Threads: any; each method holds the lock.
 */
final class Volume {
    private static final int EXTENT_SECTORS_MIN = 8;
    private static final int EXTENT_SECTORS_MAX = 2048;

    private final CrashMedia media;
    private final int sectorSize;
    private final Inode root = new Inode(VolumeFormat.ROOT, 0, true, VolumeFormat.ROOT, "");
    private final @Nullable Inode[] slots = new @Nullable Inode[VolumeFormat.SLOTS];
    /** Who had each slot last, also if it is free again: for timelines. */
    private final @Nullable Inode[] lastIn = new @Nullable Inode[VolumeFormat.SLOTS];

    private final BitSet free = new BitSet();
    /** Slots of deleted and replaced files whose directory was not synced yet, each with that directory. */
    private final Map<Integer, Integer> leaving = new HashMap<>();

    /** Each run of sectors that was given out, with the file that got it and the place in the file: for timelines. */
    private final TreeMap<Integer, Given> given = new TreeMap<>();

    private record Given(Inode inode, long at) {}

    private DmaBuffer scratch = newScratch(VolumeFormat.dataStart() * VolumeFormat.SECTOR_MIN);
    private long sequence;
    private long highWater = VolumeFormat.dataStart();

    private Volume(CrashMedia media) {
        this.media = media;
        this.sectorSize = media.geometry().sectorSize();
    }

    private static DmaBuffer newScratch(int size) {
        return DmaBuffer.allocate(size, 64, Arena.ofAuto());
    }

    /** Finds the files on a medium, or puts an empty root directory on it if it is blank. */
    static Volume mount(CrashMedia media) throws IOException {
        if (media.blockSize() != 1
                || media.geometry().sectorSize() < VolumeFormat.SECTOR_MIN
                || media.size()
                        <= (long) VolumeFormat.dataStart() * media.geometry().sectorSize()) {
            throw new IllegalArgumentException("files need a medium in blocks of 1 byte and sectors of at least "
                    + VolumeFormat.SECTOR_MIN + " bytes, with more than " + VolumeFormat.dataStart()
                    + " sectors: see CrashFiles.geometry; this one has " + media.size() + " bytes in blocks of "
                    + media.blockSize() + " and sectors of " + media.geometry().sectorSize());
        }
        Volume volume = new Volume(media);
        volume.load();
        media.describeWith(volume::describe);
        return volume;
    }

    private void load() throws IOException {
        readParts();
        MemorySegment all = scratch.segment();
        long magic = VolumeFormat.magic(all);
        if (magic == 0) {
            writeHighWater();
            free.set(0, VolumeFormat.SLOTS);
            return;
        }
        if (magic != VolumeFormat.MAGIC || VolumeFormat.version(all) != VolumeFormat.VERSION) {
            throw new IOException("the medium holds no files of version " + VolumeFormat.VERSION
                    + ", or its first sector was overwritten");
        }
        highWater = VolumeFormat.highWater(all);
        for (int slot = 0; slot < VolumeFormat.SLOTS; slot++) {
            loadSlot(slot, part(all, VolumeFormat.linkSector(slot)), part(all, VolumeFormat.nodeSector(slot)));
        }
        for (Inode inode : slots) {
            if (inode != null) {
                link(inode);
            }
        }
    }

    /** Reads the front of each sector before the data: no part of the format is longer. */
    private void readParts() throws IOException {
        if (sectorSize == VolumeFormat.SECTOR_MIN) {
            media.read(0, scratch, 0, VolumeFormat.dataStart() * sectorSize);
            return;
        }
        for (int sector = 0; sector < VolumeFormat.dataStart(); sector++) {
            media.read(bytes(sector), scratch, sector * VolumeFormat.SECTOR_MIN, VolumeFormat.SECTOR_MIN);
        }
    }

    private static MemorySegment part(MemorySegment all, int sector) {
        return all.asSlice((long) sector * VolumeFormat.SECTOR_MIN, VolumeFormat.SECTOR_MIN);
    }

    /** The scratch memory, as a sector that is about to be written. */
    private MemorySegment sector() {
        return scratch.segment().asSlice(0, sectorSize);
    }

    private void loadSlot(int slot, MemorySegment linkSector, MemorySegment nodeSector) {
        VolumeFormat.Link link = VolumeFormat.readLink(linkSector);
        if (link == null) {
            free.set(slot);
            return;
        }
        sequence = Math.max(sequence, link.sequence());
        if (!link.isLive()) {
            leaving.put(slot, link.parent());
            return;
        }
        Inode inode = new Inode(slot, link.generation(), link.isDirectory(), link.parent(), link.name());
        inode.formerParents.add(link.previousParent());
        inode.sequence = link.sequence();
        VolumeFormat.Node node = VolumeFormat.readNode(nodeSector);
        if (node != null && node.generation() == link.generation()) {
            inode.size = node.size();
            inode.extents = first(node.extents(), Math.ceilDiv(node.size(), (long) sectorSize));
            inode.tailUnknown = true;
            long at = 0;
            for (int i = 0; i < inode.extents.length; i += 2) {
                given.put(inode.extents[i], new Given(inode, at));
                at += bytes(inode.extents[i + 1]);
            }
        }
        slots[slot] = inode;
        lastIn[slot] = inode;
    }

    /**
     * The first so many sectors of some extents. What lies behind the end of a file is not used again (invariant 4).
     */
    private static int[] first(int[] extents, long sectors) {
        int[] kept = new int[extents.length];
        int count = 0;
        for (long left = sectors; left > 0; count += 2) {
            kept[count] = extents[count];
            kept[count + 1] = (int) Math.min(left, extents[count + 1]);
            left -= kept[count + 1];
        }
        return Arrays.copyOf(kept, count);
    }

    /** Puts an inode in its directory, unless a later one has its name (invariant 1). */
    private void link(Inode inode) {
        Inode parent = inodeOf(inode.parent);
        if (parent == null || !parent.directory) {
            return;
        }
        Inode other = parent.children.get(inode.name);
        if (other == null || other.sequence < inode.sequence) {
            parent.children.put(inode.name, inode);
            if (other != null) {
                replaced(other);
            }
        } else {
            replaced(inode);
        }
    }

    private void replaced(Inode inode) {
        inode.linked = false;
        inode.covered = true;
        leaving.put(inode.slot, inode.parent);
    }

    private @Nullable Inode inodeOf(int slot) {
        return slot == VolumeFormat.ROOT ? root : slots[slot];
    }

    // ---- names ---------------------------------------------------------------------------------------------------

    /** What a path leads to, or null. */
    synchronized @Nullable Inode find(List<String> path) {
        Inode at = root;
        for (String name : path) {
            at = at == null ? null : at.children.get(name);
        }
        return at;
    }

    /** The names in a directory, in order. */
    synchronized List<String> list(Inode directory) {
        return List.copyOf(directory.children.keySet());
    }

    /** Makes a file or directory under a name that is free. */
    synchronized Inode create(Inode parent, String name, boolean directory) throws IOException {
        int slot = free.nextSetBit(0);
        if (slot < 0) {
            throw new IOException("no room for \"" + name + "\": there are " + VolumeFormat.SLOTS
                    + " files and directories, or so many were deleted since their directory was last synced");
        }
        Inode inode = new Inode(slot, ++sequence, directory, parent.slot, name);
        writeLink(inode, directory ? VolumeFormat.STATE_DIRECTORY : VolumeFormat.STATE_FILE);
        free.clear(slot);
        slots[slot] = inode;
        lastIn[slot] = inode;
        parent.children.put(name, inode);
        return inode;
    }

    synchronized void delete(Inode inode) throws IOException {
        deleteCovered(inode.parent, inode.name);
        writeLink(inode, VolumeFormat.STATE_DELETED);
        parentOf(inode).children.remove(inode.name);
        inode.linked = false;
        leaving.put(inode.slot, inode.parent);
    }

    /** Gives a file or directory another name, which from then on leads to nothing else. */
    synchronized void rename(Inode inode, Inode newParent, String newName) throws IOException {
        Inode oldParent = parentOf(inode);
        String oldName = inode.name;
        deleteCovered(inode.parent, oldName);
        inode.parent = newParent.slot;
        inode.formerParents.add(oldParent.slot);
        inode.name = newName;
        try {
            writeLink(inode, inode.directory ? VolumeFormat.STATE_DIRECTORY : VolumeFormat.STATE_FILE);
        } catch (IOException e) {
            inode.parent = oldParent.slot;
            inode.name = oldName;
            throw e;
        }
        oldParent.children.remove(oldName);
        Inode other = newParent.children.put(newName, inode);
        if (other != null) {
            replaced(other);
        }
    }

    /**
     * What was replaced is gone because a later inode has its name; before that one leaves the name, it has to be
     * deleted in its own right, or it would come back.
     */
    private void deleteCovered(int parent, String name) throws IOException {
        for (Inode inode : slots) {
            if (inode != null && inode.covered && inode.parent == parent && inode.name.equals(name)) {
                writeLink(inode, VolumeFormat.STATE_DELETED);
                inode.covered = false;
            }
        }
    }

    /** The directory that something is in. */
    synchronized Inode parent(Inode inode) {
        return parentOf(inode);
    }

    private Inode parentOf(Inode inode) {
        Inode parent = inodeOf(inode.parent);
        assert parent != null : inode.name;
        return parent;
    }

    private void writeLink(Inode inode, int state) throws IOException {
        inode.sequence = ++sequence;
        VolumeFormat.writeLink(
                sector(),
                new VolumeFormat.Link(
                        state,
                        inode.generation,
                        inode.sequence,
                        inode.parent,
                        inode.formerParents.getLast(),
                        inode.name));
        media.write(bytes(VolumeFormat.linkSector(inode.slot)), scratch, 0, sectorSize);
    }

    // ---- contents ------------------------------------------------------------------------------------------------

    synchronized long size(Inode file) {
        return file.size;
    }

    /** Copies what the file holds at a position; returns how many bytes, -1 at its end. */
    synchronized int read(Inode file, long position, ByteBuffer target) throws IOException {
        if (position >= file.size) {
            return -1;
        }
        int length = (int) Math.min(target.remaining(), file.size - position);
        ensureScratch(length);
        int done = 0;
        while (done < length) {
            Extent part = place(file, position + done, length - done);
            media.read(part.offset(), scratch, done, (int) part.length());
            done += (int) part.length();
        }
        target.put(scratch.segment().asSlice(0, length).asByteBuffer());
        return length;
    }

    /** Writes at a position, making the file longer if need be. */
    synchronized int write(Inode file, long position, ByteBuffer source) throws IOException {
        int length = source.remaining();
        if (length == 0) {
            return 0;
        }
        if (position + length > file.size) {
            clearTail(file);
            zero(file, file.size, Math.min(position, file.allocatedSectors() * sectorSize));
        }
        allocate(file, position + length);
        ensureScratch(length);
        MemorySegment.copy(MemorySegment.ofBuffer(source), 0, scratch.segment(), 0, length);
        put(file, position, length);
        source.position(source.limit());
        if (position + length > file.size) {
            writeNode(file, position + length, file.extents);
        }
        return length;
    }

    /**
     * Sees to it that a file which a former process left shows nothing behind its end when it grows: bytes may have
     * survived there whose length did not.
     */
    private void clearTail(Inode file) throws IOException {
        long end = Math.ceilDiv(file.size, (long) sectorSize) * sectorSize;
        int tail = (int) (end - file.size);
        if (!file.tailUnknown || tail == 0) {
            return;
        }
        Extent place = place(file, file.size, tail);
        media.read(place.offset(), scratch, 0, tail);
        if (!isZero(scratch.segment().asSlice(0, tail))) {
            zero(file, file.size, end);
            media.flushOnly(List.of(place));
        }
        file.tailUnknown = false;
    }

    private static boolean isZero(MemorySegment segment) {
        return segment.mismatch(MemorySegment.ofArray(new byte[(int) segment.byteSize()])) < 0;
    }

    /** Overwrites what the file left behind its end when it was longer. */
    private void zero(Inode file, long from, long to) throws IOException {
        if (to > from) {
            int length = (int) (to - from);
            ensureScratch(length);
            scratch.segment().asSlice(0, length).fill((byte) 0);
            put(file, from, length);
        }
    }

    private void put(Inode file, long position, int length) throws IOException {
        int done = 0;
        while (done < length) {
            Extent part = place(file, position + done, length - done);
            media.write(part.offset(), scratch, done, (int) part.length());
            done += (int) part.length();
        }
    }

    /** Where on the medium the bytes from a position on lie, as far as they lie together. */
    private Extent place(Inode file, long position, long length) {
        long before = 0;
        for (int i = 0; i < file.extents.length; i += 2) {
            long bytes = bytes(file.extents[i + 1]);
            if (position < before + bytes) {
                long inside = position - before;
                return new Extent(bytes(file.extents[i]) + inside, Math.min(length, bytes - inside));
            }
            before += bytes;
        }
        throw new IllegalStateException(
                "position " + position + " of \"" + file.name + "\", which has room for " + before + " bytes");
    }

    private void allocate(Inode file, long size) throws IOException {
        long has = file.allocatedSectors();
        long needs = Math.ceilDiv(size, (long) sectorSize);
        if (needs <= has) {
            return;
        }
        // The more a file has, the more it gets at once: so few extents do for any length.
        long more = Math.max(needs - has, Math.clamp(has, EXTENT_SECTORS_MIN, EXTENT_SECTORS_MAX));
        more = Math.max(needs - has, Math.min(more, media.size() / sectorSize - highWater));
        if (highWater + more > media.size() / sectorSize || file.extents.length / 2 == VolumeFormat.EXTENTS_MAX) {
            throw new IOException("no room for " + size + " bytes in \"" + file.name + "\": of "
                    + media.size() / sectorSize + " sectors of " + sectorSize + " bytes " + highWater
                    + " were given out, and none are taken back; a bigger CrashFiles.geometry helps");
        }
        int start = (int) highWater;
        highWater += more;
        writeHighWater();
        given.put(start, new Given(file, bytes(has)));
        int last = file.extents.length - 2;
        if (last >= 0 && file.extents[last] + file.extents[last + 1] == start) {
            file.extents = file.extents.clone();
            file.extents[last + 1] += (int) more;
        } else {
            file.extents = Arrays.copyOf(file.extents, file.extents.length + 2);
            file.extents[last + 2] = start;
            file.extents[last + 3] = (int) more;
        }
    }

    private void writeHighWater() throws IOException {
        VolumeFormat.writeSuperblock(sector(), highWater);
        media.write(0, scratch, 0, sectorSize);
        media.flushOnly(List.of(new Extent(0, sectorSize)));
    }

    /** Makes the file shorter; a length that it does not have yet changes nothing. */
    synchronized void truncate(Inode file, long size) throws IOException {
        if (size >= file.size) {
            return;
        }
        long keep = Math.ceilDiv(size, (long) sectorSize);
        writeNode(file, size, first(file.extents, keep));
    }

    private void writeNode(Inode file, long size, int[] extents) throws IOException {
        VolumeFormat.writeNode(sector(), new VolumeFormat.Node(file.generation, size, extents));
        media.write(bytes(VolumeFormat.nodeSector(file.slot)), scratch, 0, sectorSize);
        file.size = size;
        file.extents = extents;
    }

    // ---- syncing -------------------------------------------------------------------------------------------------

    synchronized void sync(Inode inode) throws IOException {
        if (inode.directory) {
            syncDirectory(inode);
            return;
        }
        List<Extent> ranges = new ArrayList<>();
        ranges.add(new Extent(bytes(VolumeFormat.nodeSector(inode.slot)), sectorSize));
        for (int i = 0; i < inode.extents.length; i += 2) {
            ranges.add(new Extent(bytes(inode.extents[i]), bytes(inode.extents[i + 1])));
        }
        media.flushOnly(ranges);
    }

    private void syncDirectory(Inode directory) throws IOException {
        List<Extent> ranges = new ArrayList<>();
        for (int slot = 0; slot < slots.length; slot++) {
            Inode inode = slots[slot];
            boolean concerned =
                    inode != null && (inode.parent == directory.slot || inode.formerParents.contains(directory.slot));
            if (concerned || leaving.getOrDefault(slot, Integer.MIN_VALUE) == directory.slot) {
                ranges.add(new Extent(bytes(VolumeFormat.linkSector(slot)), sectorSize));
            }
        }
        media.flushOnly(ranges);
        deleteReplaced(directory);
        leaving.entrySet().removeIf(entry -> entry.getValue() == directory.slot && release(entry.getKey()));
    }

    /**
     * Before the slot of what was replaced is given out again, its link has to go, durably: nobody would delete it when
     * its successor leaves the name. The successor's link is durable already, so it stays replaced until then.
     */
    private void deleteReplaced(Inode directory) throws IOException {
        List<Inode> replaced = new ArrayList<>();
        List<Extent> links = new ArrayList<>();
        for (Inode inode : slots) {
            if (inode != null && inode.covered && inode.parent == directory.slot) {
                writeLink(inode, VolumeFormat.STATE_DELETED);
                replaced.add(inode);
                links.add(new Extent(bytes(VolumeFormat.linkSector(inode.slot)), sectorSize));
            }
        }
        if (!links.isEmpty()) {
            media.flushOnly(links);
            replaced.forEach(inode -> inode.covered = false);
        }
    }

    private boolean release(int slot) {
        Inode inode = slots[slot];
        if (inode != null && inode.open > 0) {
            return false;
        }
        slots[slot] = null;
        free.set(slot);
        return true;
    }

    /** Counts a channel on a file. */
    synchronized void opened(Inode inode) {
        inode.open++;
    }

    synchronized void closed(Inode inode) {
        inode.open--;
    }

    // ---- the rest ------------------------------------------------------------------------------------------------

    /** Bytes that files may still be given. */
    synchronized long unusedBytes() {
        return media.size() - bytes(highWater);
    }

    long totalBytes() {
        return media.size();
    }

    private long bytes(long sectors) {
        return sectors * sectorSize;
    }

    private void ensureScratch(int length) {
        if (scratch.size() < length) {
            scratch = newScratch(Integer.highestOneBit(length - 1) << 1);
        }
    }

    /** What a byte of the medium belongs to, for timelines. */
    private synchronized @Nullable String describe(long offset) {
        int sector = (int) (offset / sectorSize);
        if (sector == 0) {
            return "the file system's free space";
        }
        for (Inode inode : lastIn) {
            if (inode == null) {
                continue;
            }
            if (sector == VolumeFormat.linkSector(inode.slot)) {
                return "the name " + pathOf(inode);
            }
            if (sector == VolumeFormat.nodeSector(inode.slot)) {
                return "the length of " + pathOf(inode);
            }
        }
        Map.Entry<Integer, Given> data = given.floorEntry(sector);
        return data == null
                ? null
                : pathOf(data.getValue().inode) + " from byte " + (data.getValue().at + offset - bytes(data.getKey()));
    }

    private String pathOf(Inode inode) {
        StringBuilder path = new StringBuilder();
        Inode at = inode;
        // A crash may leave directories in each other: no path is longer than there are slots.
        for (int depth = 0; at != null && at != root && depth < VolumeFormat.SLOTS; depth++) {
            path.insert(0, "/" + at.name);
            at = inodeOf(at.parent);
        }
        return path.toString();
    }
}
