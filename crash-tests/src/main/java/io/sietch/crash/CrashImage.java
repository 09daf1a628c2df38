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
    private static final int TEAR_KINDS = 3;
    private static final int GARBAGE_KINDS = 4;
    private static final int MASKS = 1 << 16;

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
        int tears = model.tears() ? TEAR_KINDS : 0;
        int kinds = 1 + tears + (model.garbage() ? 1 : 0);
        int kind = choices.choose(Decision.DAMAGE, sector, kinds);
        if (kind == 0) {
            return survivor;
        }
        damaged++;
        return kind <= tears ? tear(sector, kind, candidates, survivor) : garbage(sector, log, durable, survivor);
    }

    /** Words of the survivor in one part, words of another version in the rest. */
    private byte[] tear(int sector, int kind, byte[][] candidates, byte[] survivor) {
        byte[] other = candidates[
                candidates.length == 2
                        ? (candidates[0] == survivor ? 1 : 0)
                        : choices.choose(Decision.TEAR_WITH, sector, candidates.length)];
        int words = survivor.length / Long.BYTES;
        byte[] torn = survivor.clone();
        if (kind == TEAR_KINDS) {
            long mask = choices.choose(Decision.DETAIL, sector, MASKS);
            for (int word = 0; word < words; word++) {
                if ((RandomChoices.mix(mask << 16 | word) & 1) == 0) {
                    System.arraycopy(other, word * Long.BYTES, torn, word * Long.BYTES, Long.BYTES);
                }
            }
            return torn;
        }
        int at = Long.BYTES * (1 + (words == 2 ? 0 : choices.choose(Decision.DETAIL, sector, words - 1)));
        if (kind == 1) {
            System.arraycopy(other, at, torn, at, torn.length - at);
        } else {
            System.arraycopy(other, 0, torn, 0, at);
        }
        return torn;
    }

    private byte[] garbage(int sector, SectorLog log, int durable, byte[] survivor) {
        int from = 0;
        int to = survivor.length;
        if (model.powersafeOverwrite()) {
            from = survivor.length;
            to = 0;
            for (int i = durable + 1; i < log.count() && log.get(i).command < events; i++) {
                from = Math.min(from, log.get(i).from);
                to = Math.max(to, log.get(i).to);
            }
        }
        byte[] bytes = survivor.clone();
        int kind = choices.choose(Decision.DETAIL, sector, GARBAGE_KINDS);
        for (int i = from; i < to; i++) {
            bytes[i] = switch (kind) {
                case 0 -> (byte) RandomChoices.mix((long) sector << 32 | i);
                case 1 -> 0;
                case 2 -> (byte) 0xff;
                default -> (byte) ~survivor[i];
            };
        }
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
