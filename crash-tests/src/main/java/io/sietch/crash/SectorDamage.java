package io.sietch.crash;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What happens to one sector of an image besides an older version of it: a tear, or garbage.
 *
 * <p>Words: the <em>survivor</em> is the version that the sector would hold otherwise. A tear is <em>proper</em> if it
 * leaves something of both versions; words in which they are equal count for neither.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Who goes through all choices meets what a sector may hold once, but for masks: tears only where they are
 *       proper, of two versions only while the newer one is the survivor, and bytes that no version has a part in only
 *       while the newest is.
 *   <li>Garbage over garbage does not bring back what was there before, however often the power goes: nothing arbitrary
 *       would.
 * </ol>
 */
final class SectorDamage {
    private static final int NONE = 0;
    private static final int TORN_BEHIND = 1;
    private static final int TORN_BY_MASK = 3;
    private static final int TEAR_KINDS = 3;

    private static final int NOISE = 0;
    private static final int ZEROS = 1;
    private static final int ONES = 2;
    private static final int GARBAGE_KINDS = 4;

    /** In the last kind of garbage each byte is another one than the survivor's. Odd: 256 times make it the same. */
    private static final int CHANGE = 0x55;

    private static final int MASKS = 1 << 16;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final CrashModel model;
    private final Choices choices;
    private final int sector;
    private final byte[][] candidates;
    private final byte[] survivor;
    private final int from;
    private final int to;
    private final int words;

    /**
     * @param candidates the versions that may survive, newest first
     * @param from garbage is from here
     * @param to to there
     */
    SectorDamage(
            CrashModel model, Choices choices, int sector, byte[][] candidates, byte[] survivor, int from, int to) {
        this.model = model;
        this.choices = choices;
        this.sector = sector;
        this.candidates = candidates;
        this.survivor = survivor;
        this.from = from;
        this.to = to;
        this.words = survivor.length / Long.BYTES;
    }

    /** What the sector holds: the survivor itself if nothing happens to it. */
    byte[] decide() {
        int tears = model.tears() ? TEAR_KINDS : 0;
        int kinds = 1 + tears + (model.garbage() ? 1 : 0);
        int kind = choices.chooseAmong(Decision.DAMAGE, sector, kinds, () -> distinctKinds(tears, kinds));
        if (kind == NONE) {
            return survivor;
        }
        return kind <= tears ? torn(kind) : garbage();
    }

    private int[] distinctKinds(int tears, int kinds) {
        int most = tears == 0
                ? 0
                : Arrays.stream(others(1))
                        .map(each -> differing(each).length)
                        .max()
                        .orElse(0);
        return IntStream.range(0, kinds)
                .filter(kind -> kind == NONE
                        || (kind <= tears ? most > (kind == TORN_BY_MASK ? 2 : 1) : distinctGarbage().length > 0))
                .toArray();
    }

    /** Whether the other versions each survive beside the same of all other sectors: then only some pairs are new. */
    private boolean isFree() {
        return model.survival() == CrashModel.Survival.SECTORS;
    }

    // ---- tears ---------------------------------------------------------------------------------------------------

    /** Words of the survivor in one part, words of another version in the rest. */
    private byte[] torn(int kind) {
        byte[] other = candidates[
                candidates.length == 2
                        ? (candidates[0] == survivor ? 1 : 0)
                        : choices.chooseAmong(
                                Decision.TEAR_WITH,
                                sector,
                                candidates.length,
                                () -> others(kind == TORN_BY_MASK ? 2 : 1))];
        byte[] torn = survivor.clone();
        if (kind == TORN_BY_MASK) {
            long mask = choices.choose(Decision.DETAIL, sector, MASKS);
            for (int word = 0; word < words; word++) {
                if ((RandomChoices.mix(mask << 16 | word) & 1) == 0) {
                    System.arraycopy(other, word * Long.BYTES, torn, word * Long.BYTES, Long.BYTES);
                }
            }
            return torn;
        }
        int place = words == 2 ? 0 : choices.chooseAmong(Decision.DETAIL, sector, words - 1, () -> places(other));
        int at = Long.BYTES * (1 + place);
        if (kind == TORN_BEHIND) {
            System.arraycopy(other, at, torn, at, torn.length - at);
        } else {
            System.arraycopy(other, 0, torn, 0, at);
        }
        return torn;
    }

    /** The versions that differ from the survivor in more words than that, and make new tears with it. */
    private int[] others(int moreThan) {
        int newest = 0;
        while (isFree() && candidates[newest] != survivor) {
            newest++;
        }
        return IntStream.range(newest, candidates.length)
                .filter(each -> differing(candidates[each]).length > moreThan)
                .toArray();
    }

    private int[] differing(int candidate) {
        return differing(candidates[candidate]);
    }

    /** The words in which a version differs from the survivor. */
    private int[] differing(byte[] other) {
        return IntStream.range(0, words)
                .filter(word ->
                        (long) LONG.get(survivor, word * Long.BYTES) != (long) LONG.get(other, word * Long.BYTES))
                .toArray();
    }

    /** Places of proper tears, each after the word of that number. */
    private int[] places(byte[] other) {
        int[] differing = differing(other);
        return Arrays.copyOf(differing, Math.max(1, differing.length - 1));
    }

    // ---- garbage -------------------------------------------------------------------------------------------------

    private byte[] garbage() {
        int kind = choices.chooseAmong(Decision.DETAIL, sector, GARBAGE_KINDS, this::distinctGarbage);
        byte[] bytes = survivor.clone();
        for (int i = from; i < to; i++) {
            bytes[i] = garbage(kind, i);
        }
        return bytes;
    }

    private byte garbage(int kind, int at) {
        return switch (kind) {
            case NOISE -> (byte) RandomChoices.mix((long) sector << 32 | at);
            case ZEROS -> 0;
            case ONES -> (byte) 0xff;
            default -> (byte) (survivor[at] + CHANGE);
        };
    }

    private int[] distinctGarbage() {
        boolean newest = !isFree() || candidates[0] == survivor;
        return IntStream.range(newest ? 0 : GARBAGE_KINDS - 1, GARBAGE_KINDS)
                .filter(kind -> IntStream.range(from, to).anyMatch(at -> garbage(kind, at) != survivor[at]))
                .toArray();
    }
}
