package io.sietch.crash;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a medium holds after a power loss, decided sector by sector when somebody looks.
 *
 * <p>Words: <em>candidates</em> and <em>contended</em> as in {@link Remains}.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A sector is decided once and then stays as it is.
 *   <li>Choices are asked for contended sectors only, and only for those that are read.
 *   <li>An undamaged sector holds one of its candidates.
 * </ol>
 *
 * <p>Threads: one.
 */
public final class CrashImage {
    private final Remains remains;
    private final CrashMedia source;
    private final int events;
    private final CrashModel model;
    private final Choices choices;
    private byte @Nullable [] @Nullable [] decided;
    private final Map<Integer, Integer> commands = new HashMap<>();
    private final Set<Integer> unreadable = new HashSet<>();
    private int prefixLost = -1;
    private int damaged;
    private long sizeMax = Long.MAX_VALUE;

    CrashImage(Remains remains, CrashModel model, Choices choices) {
        this.remains = remains;
        this.source = remains.source();
        this.events = remains.events();
        this.model = model;
        this.choices = choices;
    }

    CrashGeometry geometry() {
        return source.geometry();
    }

    byte[] zeros() {
        return source.zeros();
    }

    /** The size of the medium in bytes at the crash. */
    public long size() {
        return Math.min(remains.size(), sizeMax);
    }

    /** The bytes of a sector if reading it decides nothing, else null; not to be changed. */
    byte @Nullable [] known(int sector) {
        byte[] bytes = decided == null ? null : decided[sector];
        return bytes == null ? remains.certain(sector) : bytes;
    }

    /** The bytes of a sector; not to be changed. Decides it if need be. */
    byte[] sector(int sector) {
        byte[] known = known(sector);
        if (known != null) {
            return known;
        }
        SectorLog log = source.log(sector);
        if (log == null || !log.beganBefore(events)) {
            return source.initial(sector);
        }
        byte[][] candidates = remains.candidates(sector, log);
        if (candidates.length == 1) {
            return candidates[0];
        }
        byte[] chosen = decide(sector, log, log.durableBefore(events), candidates);
        replace(sector, chosen);
        return chosen;
    }

    /** Has a sector hold these bytes, which nobody changes. */
    void replace(int sector, byte[] bytes) {
        if (decided == null) {
            decided = new byte[geometry().maxSectors()][];
        }
        decided[sector] = bytes;
    }

    private byte[] decide(int sector, SectorLog log, int durable, byte[][] candidates) {
        byte[] survivor = switch (model.survival()) {
            case SECTORS -> candidates[choices.choose(Decision.VERSION, sector, candidates.length)];
            case COMMANDS -> newestKept(sector, log, durable, this::commandSurvives);
            case PREFIX -> newestKept(sector, log, durable, this::insidePrefix);
        };
        return model.damages() && damaged < model.maxDamaged() && geometry().isDamageable(sector)
                ? damage(sector, log, durable, candidates, survivor)
                : survivor;
    }

    private interface Survives {
        boolean test(int command);
    }

    private byte[] newestKept(int sector, SectorLog log, int durable, Survives survives) {
        for (int i = log.count() - 1; i > durable; i--) {
            SectorLog.Version version = log.get(i);
            if (version.command < events && version.droppedAt >= events && survives.test(version.command)) {
                return version.bytes;
            }
        }
        return durable >= 0 ? log.get(durable).bytes : source.initial(sector);
    }

    private boolean commandSurvives(int command) {
        return commands.computeIfAbsent(command, c -> choices.choose(Decision.COMMAND, c, 2)) == 0;
    }

    private boolean insidePrefix(int command) {
        List<Integer> pending = remains.unflushed();
        if (prefixLost < 0) {
            prefixLost = pending.isEmpty() ? 0 : choices.choose(Decision.PREFIX, 0, pending.size() + 1);
        }
        int rank = pending.indexOf(command);
        return rank >= 0 && rank < pending.size() - prefixLost;
    }

    // ---- damage --------------------------------------------------------------------------------------------------

    private byte[] damage(int sector, SectorLog log, int durable, byte[][] candidates, byte[] survivor) {
        int from = 0;
        int to = survivor.length;
        if (model.garbage() && model.powersafeOverwrite()) {
            from = survivor.length;
            to = 0;
            for (int i = durable + 1; i < log.count() && log.get(i).command < events; i++) {
                from = Math.min(from, log.get(i).from);
                to = Math.max(to, log.get(i).to);
            }
        }
        byte[] bytes = new SectorDamage(model, choices, sector, candidates, survivor, from, to).decide();
        damaged += bytes == survivor ? 0 : 1;
        return bytes;
    }

    // ---- media faults --------------------------------------------------------------------------------------------

    /** Flips bits of one byte, as a medium that rots does. */
    public void flip(long offset, int bits) {
        int sectorSize = geometry().sectorSize();
        int sector = (int) (offset / sectorSize);
        byte[] bytes = sector(sector).clone();
        bytes[(int) (offset % sectorSize)] ^= (byte) bits;
        replace(sector, bytes);
    }

    /** Fills the sector at the offset with one byte value. */
    public void fillSector(long offset, int value) {
        byte[] bytes = new byte[geometry().sectorSize()];
        Arrays.fill(bytes, (byte) value);
        replace((int) (offset / bytes.length), bytes);
    }

    /** Has the medium end earlier. */
    void truncate(long size) {
        sizeMax = size;
    }

    /** Makes every read of the sector at the offset fail (a latent sector error). */
    public void makeUnreadable(long offset) {
        unreadable.add((int) (offset / geometry().sectorSize()));
    }

    boolean isUnreadable(int sector) {
        return !unreadable.isEmpty() && unreadable.contains(sector);
    }
}
