package io.sietch.vsa;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All that the control plane knows, as one immutable value. An operation makes a new one, and the new one takes the
 * place of the old in one step.
 *
 * <p>A <em>unit</em> is the smallest piece of the medium that is given out. <em>Reserved</em> units hold the catalogue.
 * The <em>high-water mark</em> is the unit from which on no unit was ever given out.
 *
 * <p>Invariants, checked by {@link #inconsistency()} before a catalogue is written and after it was read:
 *
 * <ol>
 *   <li>Runs of areas are disjoint and lie between the reserved units and the high-water mark.
 *   <li>The high-water mark is not beyond the published units. Units from it to the end hold zeros.
 *   <li>Every run is a multiple of its area's granule, and an area has at least one.
 *   <li>Area ids are positive, unique, and below {@code nextId}.
 * </ol>
 *
 * @param unitBytes bytes in a unit, a power of two
 * @param units published size of the medium; what the file has beyond does not count
 * @param highWater see above
 * @param nextId id of the next area
 * @param areas by name
 * @param quotas most bytes that an owner's areas may have together, by owner; absent for no limit
 */
record Catalogue(
        int unitBytes,
        int units,
        int highWater,
        long nextId,
        SortedMap<String, Area> areas,
        SortedMap<String, Long> quotas) {

    Catalogue {
        areas = Collections.unmodifiableSortedMap(new TreeMap<>(areas));
        quotas = Collections.unmodifiableSortedMap(new TreeMap<>(quotas));
    }

    /** The catalogue of a new device. Area id 0 stands for the catalogue itself. */
    static Catalogue empty(int unitBytes, int units) {
        return new Catalogue(unitBytes, units, reservedUnits(unitBytes), 1, new TreeMap<>(), new TreeMap<>());
    }

    static int reservedUnits(int unitBytes) {
        return (CatalogueFormat.REGION_BYTES + unitBytes - 1) / unitBytes;
    }

    int reservedUnits() {
        return reservedUnits(unitBytes);
    }

    /** This catalogue with an area added or, by its name, replaced; the mark and the next id follow. */
    Catalogue with(Area area) {
        SortedMap<String, Area> next = new TreeMap<>(areas);
        next.put(area.name(), area);
        int mark = highWater;
        for (Run run : area.runs()) {
            mark = Math.max(mark, run.end());
        }
        return new Catalogue(unitBytes, units, mark, Math.max(nextId, area.id() + 1), next, quotas);
    }

    Catalogue without(String name) {
        SortedMap<String, Area> next = new TreeMap<>(areas);
        next.remove(name);
        return new Catalogue(unitBytes, units, highWater, nextId, next, quotas);
    }

    Catalogue withUnits(int newUnits) {
        return new Catalogue(unitBytes, newUnits, highWater, nextId, areas, quotas);
    }

    Catalogue withQuota(String owner, @Nullable Long bytes) {
        SortedMap<String, Long> next = new TreeMap<>(quotas);
        if (bytes == null) {
            next.remove(owner);
        } else {
            next.put(owner, bytes);
        }
        return new Catalogue(unitBytes, units, highWater, nextId, areas, next);
    }

    /** Bytes that the areas of an owner have together. */
    long bytesOf(String owner) {
        long units = 0;
        for (Area area : areas.values()) {
            if (area.owner().equals(owner)) {
                units += area.units();
            }
        }
        return units * unitBytes;
    }

    /** Which invariant does not hold, in words, or null if all do. */
    @Nullable
    String inconsistency() {
        if (Integer.bitCount(unitBytes) != 1
                || unitBytes < CatalogueFormat.MIN_UNIT_BYTES
                || unitBytes > CatalogueFormat.MAX_UNIT_BYTES) {
            return "units of " + unitBytes + " bytes";
        }
        if (highWater < reservedUnits() || highWater > units) {
            return "high-water mark " + highWater + " of " + units + " units with " + reservedUnits() + " reserved";
        }
        Set<Long> ids = new HashSet<>();
        List<Run> all = new ArrayList<>();
        for (Area area : areas.values()) {
            if (area.id() <= 0 || area.id() >= nextId || !ids.add(area.id())) {
                return "area id " + area.id() + " is taken twice or not below the next id, " + nextId;
            }
            if (area.granule() <= 0 || area.runs().isEmpty()) {
                return "area " + area.id() + " has " + area.runs().size() + " extents in granules of " + area.granule();
            }
            for (Run run : area.runs()) {
                if (run.count() % area.granule() != 0) {
                    return run + " of area " + area.id() + " is no multiple of its granule of " + area.granule();
                }
                all.add(run);
            }
        }
        return overlap(all);
    }

    private @Nullable String overlap(List<Run> runs) {
        runs.sort(Comparator.comparingInt(Run::start));
        int end = reservedUnits();
        for (Run run : runs) {
            if (run.start() < end) {
                return run + " overlaps what ends at unit " + end;
            }
            end = run.end();
        }
        return end > highWater ? "an extent ends at unit " + end + ", beyond the mark at " + highWater : null;
    }
}
