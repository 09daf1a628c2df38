package io.sietch.crash;

import io.sietch.crash.Lives.Lived;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Flips one bit after the other of what a subject left on its medium, and has it opened again: what it then finds is
 * what it found without, or it refuses with an {@link IOException}. Anything else is a violation; so is finding less.
 *
 * <p>The image is that after a first life with its work, a power loss that spared everything, and the opening of a
 * second life: by then all that was found is promised.
 *
 * <p>Threads: one.
 */
public final class RotExplorer<S, O> {
    private final Lives<S, O> lives;
    private final CrashPlan plan;
    private final Lived<S, O> last;
    private long detected;
    private long states;

    /** @param subjects makes a new subject for each life */
    public RotExplorer(Supplier<? extends CrashSubject<S, O>> subjects, CrashPlan plan) {
        this.lives = new Lives<>(subjects, plan);
        this.plan = plan;
        Lived<S, O> first = lives.first();
        VirtualTime time = new VirtualTime();
        CrashMedia media = lives.after(first, new CrashPoint(first.end(), false), Choices.NEWEST, time);
        try {
            this.last = lives.live(1, media, time, false);
        } catch (Exception e) {
            throw new AssertionError(plan.name() + " fails without any fault", e);
        }
    }

    /** Flips every bit of a range of the medium, in bytes. */
    public FaultReport everyBit(long from, long to) {
        long start = System.nanoTime();
        for (long bit = 8 * from; bit < 8 * to; bit++) {
            flip(bit);
        }
        return report(start);
    }

    /** Flips so many bits of a range of the medium, chosen by the seed: half of them in bytes that are not zero. */
    public FaultReport someBits(long from, long to, int count) {
        long start = System.nanoTime();
        long[] used = usedBytes(from, to);
        for (int i = 0; i < count; i++) {
            long random = RandomChoices.mix(plan.seed() + i) >>> 1;
            long place = i % 2 == 0 || used.length == 0
                    ? from + random / 8 % (to - from)
                    : used[(int) (random / 8 % used.length)];
            flip(8 * place + random % 8);
        }
        return report(start);
    }

    private FaultReport report(long start) {
        return new FaultReport(plan.name(), plan.seed(), states, detected, states, System.nanoTime() - start);
    }

    private long[] usedBytes(long from, long to) {
        CrashImage image = image();
        int sectorSize = plan.geometry().sectorSize();
        long[] places = new long[(int) (to - from)];
        int count = 0;
        for (long at = from; at < to; at++) {
            if (image.sector((int) (at / sectorSize))[(int) (at % sectorSize)] != 0) {
                places[count++] = at;
            }
        }
        return Arrays.copyOf(places, count);
    }

    /**
     * Does again what a violation's token says.
     *
     * @throws CrashViolation if the promise is still broken
     */
    public void replay(String token) {
        flip(Long.parseLong(token.substring(token.indexOf(':') + 1)));
    }

    private CrashImage image() {
        return last.media().crash(last.end(), CrashModel.SECTORS, Choices.NEWEST);
    }

    private void flip(long bit) {
        states++;
        CrashImage image = image();
        image.flip(bit / 8, 1 << (int) (bit % 8));
        VirtualTime time = new VirtualTime();
        try {
            S found = lives.live(2, lives.on(image, 2, time), time, false).found();
            try (CrashSubject<S, O> oracle = lives.subject()) {
                oracle.checkSecondRecovery(last.found(), found);
            }
        } catch (IOException noticed) {
            detected++;
        } catch (Exception | AssertionError e) {
            String token = "bit:" + bit;
            throw new CrashViolation(
                    plan.name() + " broke a promise after bit " + bit % 8 + " of byte " + bit / 8 + " was flipped: "
                            + (e.getMessage() == null ? e : e.getMessage()) + "\n  replay: token \"" + token + "\"",
                    token,
                    e);
        }
    }
}
