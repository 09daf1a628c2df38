package io.sietch.crash.file;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How files lie on a {@link io.sietch.crash.CrashMedia}. Little-endian; each part below takes a sector of its own, so
 * that a crash loses or keeps it as one.
 *
 * <pre>
 * sector 0           superblock: magic 8, version 4, slots 4, high water 8
 * sector 1 + 2 i     link of slot i: magic 4, state 4, generation 8, sequence 8, parent 4, previous parent 4,
 *                    name length 4, name in UTF-8
 * sector 2 + 2 i     node of slot i: magic 4, extents 4, generation 8, size 8, then for each extent first sector 4,
 *                    sectors 4
 * from data start    file data, given out upwards and never a second time
 * </pre>
 *
 * <p>A link says that a name leads to the slot; a node says how long a file is and where it lies. They are apart
 * because syncing a file makes its node durable, and syncing a directory the links in it.
 */
final class VolumeFormat {
    static final long MAGIC = 0x3130_5346_5243_4953L;
    static final int VERSION = 1;
    static final int SLOTS = 63;
    static final int ROOT = -1;
    static final int NAME_MAX = 255;

    static final int SUPER_MAGIC = 0;
    static final int SUPER_VERSION = 8;
    static final int SUPER_SLOTS = 12;
    static final int SUPER_HIGH_WATER = 16;

    static final int LINK_MAGIC_VALUE = 0x4b4e_494c;
    static final int LINK_MAGIC = 0;
    static final int LINK_STATE = 4;
    static final int LINK_GENERATION = 8;
    static final int LINK_SEQUENCE = 16;
    static final int LINK_PARENT = 24;
    static final int LINK_PREVIOUS_PARENT = 28;
    static final int LINK_NAME_LENGTH = 32;
    static final int LINK_NAME = 36;

    static final int STATE_FILE = 1;
    static final int STATE_DIRECTORY = 2;
    static final int STATE_DELETED = 3;

    static final int NODE_MAGIC_VALUE = 0x4544_4f4e;
    static final int NODE_MAGIC = 0;
    static final int NODE_EXTENTS = 4;
    static final int NODE_GENERATION = 8;
    static final int NODE_SIZE = 16;
    static final int NODE_EXTENT = 24;
    static final int EXTENT_START = 0;
    static final int EXTENT_SECTORS = 4;
    static final int EXTENT_LENGTH = 8;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The smallest sector; every part fits into so many bytes, and the rest of a longer sector is not used. */
    static final int SECTOR_MIN = 512;

    /** How many extents a node has room for. */
    static final int EXTENTS_MAX = (SECTOR_MIN - NODE_EXTENT) / EXTENT_LENGTH;

    static {
        assert LINK_NAME + NAME_MAX <= SECTOR_MIN;
    }

    /** A name and where it leads. */
    record Link(int state, long generation, long sequence, int parent, int previousParent, String name) {
        boolean isLive() {
            return state != STATE_DELETED;
        }

        boolean isDirectory() {
            return state == STATE_DIRECTORY;
        }
    }

    /** The length of a file and where it lies: pairs of first sector and number of sectors. */
    record Node(long generation, long size, int[] extents) {}

    private VolumeFormat() {}

    static int linkSector(int slot) {
        return 1 + 2 * slot;
    }

    static int nodeSector(int slot) {
        return 2 + 2 * slot;
    }

    /** The first sector of file data. */
    static int dataStart() {
        return linkSector(SLOTS);
    }

    static void writeSuperblock(MemorySegment sector, long highWater) {
        sector.fill((byte) 0);
        sector.set(LONG, SUPER_MAGIC, MAGIC);
        sector.set(INT, SUPER_VERSION, VERSION);
        sector.set(INT, SUPER_SLOTS, SLOTS);
        sector.set(LONG, SUPER_HIGH_WATER, highWater);
    }

    static long magic(MemorySegment sector) {
        return sector.get(LONG, SUPER_MAGIC);
    }

    static int version(MemorySegment sector) {
        return sector.get(INT, SUPER_VERSION);
    }

    /** The first sector that was never given out. */
    static long highWater(MemorySegment sector) {
        return sector.get(LONG, SUPER_HIGH_WATER);
    }

    static void writeLink(MemorySegment sector, Link link) {
        byte[] name = link.name.getBytes(StandardCharsets.UTF_8);
        sector.fill((byte) 0);
        sector.set(INT, LINK_MAGIC, LINK_MAGIC_VALUE);
        sector.set(INT, LINK_STATE, link.state);
        sector.set(LONG, LINK_GENERATION, link.generation);
        sector.set(LONG, LINK_SEQUENCE, link.sequence);
        sector.set(INT, LINK_PARENT, link.parent);
        sector.set(INT, LINK_PREVIOUS_PARENT, link.previousParent);
        sector.set(INT, LINK_NAME_LENGTH, name.length);
        MemorySegment.copy(name, 0, sector, ValueLayout.JAVA_BYTE, LINK_NAME, name.length);
    }

    /** The link in a sector, or null if none was ever written there. */
    static @Nullable Link readLink(MemorySegment sector) {
        if (sector.get(INT, LINK_MAGIC) != LINK_MAGIC_VALUE) {
            return null;
        }
        byte[] name =
                sector.asSlice(LINK_NAME, sector.get(INT, LINK_NAME_LENGTH)).toArray(ValueLayout.JAVA_BYTE);
        return new Link(
                sector.get(INT, LINK_STATE),
                sector.get(LONG, LINK_GENERATION),
                sector.get(LONG, LINK_SEQUENCE),
                sector.get(INT, LINK_PARENT),
                sector.get(INT, LINK_PREVIOUS_PARENT),
                new String(name, StandardCharsets.UTF_8));
    }

    static void writeNode(MemorySegment sector, Node node) {
        sector.fill((byte) 0);
        sector.set(INT, NODE_MAGIC, NODE_MAGIC_VALUE);
        sector.set(INT, NODE_EXTENTS, node.extents.length / 2);
        sector.set(LONG, NODE_GENERATION, node.generation);
        sector.set(LONG, NODE_SIZE, node.size);
        for (int i = 0; i < node.extents.length / 2; i++) {
            long at = NODE_EXTENT + (long) i * EXTENT_LENGTH;
            sector.set(INT, at + EXTENT_START, node.extents[2 * i]);
            sector.set(INT, at + EXTENT_SECTORS, node.extents[2 * i + 1]);
        }
    }

    /** The node in a sector, or null if none was ever written there. */
    static @Nullable Node readNode(MemorySegment sector) {
        if (sector.get(INT, NODE_MAGIC) != NODE_MAGIC_VALUE) {
            return null;
        }
        int[] extents = new int[2 * sector.get(INT, NODE_EXTENTS)];
        for (int i = 0; i < extents.length / 2; i++) {
            long at = NODE_EXTENT + (long) i * EXTENT_LENGTH;
            extents[2 * i] = sector.get(INT, at + EXTENT_START);
            extents[2 * i + 1] = sector.get(INT, at + EXTENT_SECTORS);
        }
        return new Node(sector.get(LONG, NODE_GENERATION), sector.get(LONG, NODE_SIZE), extents);
    }
}
