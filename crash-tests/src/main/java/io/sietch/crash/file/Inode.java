package io.sietch.crash.file;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A file or directory of a mounted {@link Volume}, as memory knows it. Guarded by the volume. */
final class Inode {
    final int slot;
    final long generation;
    final boolean directory;
    /** The children of a directory by name. */
    final TreeMap<String, Inode> children = new TreeMap<>();

    int parent;
    /** The directories that it was in before, the last one last. */
    final List<Integer> formerParents = new ArrayList<>();

    String name;
    long sequence;
    boolean linked = true;
    /** Whether a later inode took its name, and on the medium only that tells that it is gone. */
    boolean covered;

    /** Channels open on it: its slot is not given to another file before they are closed. */
    int open;

    long size;
    /** Whether the rest of the last sector may hold anything: a former process wrote it. */
    boolean tailUnknown;
    /** Pairs of first sector and number of sectors. */
    int[] extents = {};

    Inode(int slot, long generation, boolean directory, int parent, String name) {
        this.slot = slot;
        this.generation = generation;
        this.directory = directory;
        this.parent = parent;
        formerParents.add(parent);
        this.name = name;
    }

    long allocatedSectors() {
        long sectors = 0;
        for (int i = 1; i < extents.length; i += 2) {
            sectors += extents[i];
        }
        return sectors;
    }
}
