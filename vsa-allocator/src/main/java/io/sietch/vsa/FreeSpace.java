package io.sietch.vsa;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/**
 * The units that no area has. Never written to the medium: it is what the catalogue leaves over, so the two cannot
 * differ.
 *
 * <p>Invariants: a unit is free, reserved or in exactly one area; taking what is not free and giving back what is free
 * are refused.
 */
final class FreeSpace {
    /** Stands for no neighbour in {@link #plan}. */
    static final int NO_NEIGHBOUR = -1;

    private final RoaringBitmap free = new RoaringBitmap();
    private int units;

    private FreeSpace(int units) {
        this.units = units;
    }

    /** What the catalogue leaves over. */
    static FreeSpace of(Catalogue catalogue) {
        FreeSpace space = new FreeSpace(catalogue.units());
        space.free.add((long) catalogue.reservedUnits(), catalogue.units());
        for (Area area : catalogue.areas().values()) {
            space.take(area.runs());
        }
        return space;
    }

    /** How many units are free. */
    long units() {
        return free.getLongCardinality();
    }

    /**
     * How many units can be given out in pieces that are multiples of the granule. How earlier pieces were cut from a
     * run does not change the sum, so {@link #plan} succeeds up to exactly this.
     */
    long units(int granule) {
        long sum = 0;
        for (Run run : runs()) {
            sum += run.count() / granule * granule;
        }
        return sum;
    }

    /**
     * Where so many units would go: first what follows the neighbour, then the smallest run that holds all the rest,
     * else the largest ones, so that an area has few extents. Takes nothing.
     *
     * @param need a positive multiple of the granule
     * @param neighbour the unit to begin at if it is free, or {@link #NO_NEIGHBOUR}
     * @return runs that are multiples of the granule, or null if there is not enough
     */
    @Nullable
    List<Run> plan(long need, int granule, int neighbour) {
        List<Run> left = runs();
        List<Run> plan = new ArrayList<>();
        long missing = need;
        for (int i = 0; i < left.size() && missing > 0; i++) {
            if (left.get(i).start() == neighbour) {
                missing -= cut(left, i, granule, missing, plan);
                break;
            }
        }
        while (missing > 0) {
            int choice = choose(left, missing);
            if (choice < 0 || left.get(choice).count() < granule) {
                return null;
            }
            missing -= cut(left, choice, granule, missing, plan);
        }
        return plan;
    }

    /** The smallest run that holds all of it, or else the largest; the first of equals. -1 if there is none. */
    private static int choose(List<Run> runs, long missing) {
        int choice = -1;
        for (int i = 0; i < runs.size(); i++) {
            int count = runs.get(i).count();
            int best = choice < 0 ? 0 : runs.get(choice).count();
            boolean better = best >= missing ? count >= missing && count < best : count > best;
            if (better) {
                choice = i;
            }
        }
        return choice;
    }

    private static int cut(List<Run> runs, int index, int granule, long missing, List<Run> plan) {
        Run run = runs.remove(index);
        int count = (int) Math.min(missing, run.count() / granule * granule);
        if (count > 0) {
            plan.add(new Run(run.start(), count));
        }
        return count;
    }

    /**
     * How many units the medium must have for so many to be available: what lies before its last free run stays as it
     * is.
     */
    long unitsFor(long need, int granule) {
        long before = 0;
        long tail = units;
        for (Run run : runs()) {
            if (run.end() == units) {
                tail = run.start();
            } else {
                before += run.count() / granule * granule;
            }
        }
        return Math.max(units, tail + need - before);
    }

    /** Takes units that are all free. */
    void take(List<Run> runs) {
        for (Run run : runs) {
            if (!free.contains((long) run.start(), run.end())) {
                throw new IllegalStateException(run + " is not free");
            }
            free.remove((long) run.start(), run.end());
        }
    }

    /** Gives back units of which none is free. */
    void give(List<Run> runs) {
        for (Run run : runs) {
            if (run.end() > units || free.intersects((long) run.start(), run.end())) {
                throw new IllegalStateException(run + " is given back twice, or lies beyond unit " + units);
            }
            free.add((long) run.start(), run.end());
        }
        free.runOptimize();
    }

    /** The medium has more units now. */
    void grow(int newUnits) {
        free.add((long) units, newUnits);
        units = newUnits;
    }

    /** All free runs, in order. */
    List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        long from = free.isEmpty() ? -1 : free.nextValue(0);
        while (from >= 0) {
            int to = (int) free.nextAbsentValue((int) from);
            runs.add(new Run((int) from, to - (int) from));
            from = free.nextValue(to);
        }
        return runs;
    }
}
