package io.sietch.vsa;

import io.sietch.vsic.Extent;
import io.sietch.vsic.RateLimit;
import java.util.ArrayList;
import java.util.List;

/**
 * An area as the catalogue holds it.
 *
 * @param id its number for life, never given to another area of the device
 * @param granule units of which every run is a multiple
 * @param limit the share of the device that a VSIC may use which opens it
 * @param runs where it lies, in order; neighbouring runs are merged
 */
record Area(long id, String name, String owner, int granule, RateLimit limit, List<Run> runs) {
    Area {
        runs = List.copyOf(runs);
    }

    long units() {
        long units = 0;
        for (Run run : runs) {
            units += run.count();
        }
        return units;
    }

    /** The unit after the last run: growing begins there if it is free. */
    int end() {
        return runs.getLast().end();
    }

    Area renamed(String newName) {
        return new Area(id, newName, owner, granule, limit, runs);
    }

    Area limited(RateLimit newLimit) {
        return new Area(id, name, owner, granule, newLimit, runs);
    }

    /** This area with more runs at its end. */
    Area extendedBy(List<Run> more) {
        return new Area(id, name, owner, granule, limit, merge(runs, more));
    }

    /** This area cut at its end. */
    Area cutTo(long units) {
        List<Run> kept = new ArrayList<>();
        long left = units;
        for (Run run : runs) {
            if (left == 0) {
                break;
            }
            int count = (int) Math.min(left, run.count());
            kept.add(new Run(run.start(), count));
            left -= count;
        }
        return new Area(id, name, owner, granule, limit, kept);
    }

    /** What {@link #cutTo} gives back. */
    List<Run> runsFrom(long units) {
        List<Run> cut = new ArrayList<>();
        long skip = units;
        for (Run run : runs) {
            int kept = (int) Math.min(skip, run.count());
            if (kept < run.count()) {
                cut.add(new Run(run.start() + kept, run.count() - kept));
            }
            skip -= kept;
        }
        return cut;
    }

    List<Extent> extents(int unitBytes) {
        return runs.stream().map(run -> run.extent(unitBytes)).toList();
    }

    /** Puts two lists together, with neighbours merged. */
    static List<Run> merge(List<Run> first, List<Run> second) {
        List<Run> all = new ArrayList<>(first);
        for (Run run : second) {
            if (!all.isEmpty() && all.getLast().end() == run.start()) {
                Run last = all.removeLast();
                all.add(new Run(last.start(), last.count() + run.count()));
            } else {
                all.add(run);
            }
        }
        return all;
    }
}
