package io.sietch.crash;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All damage of a kind that can be done to what was written.
 *
 * <p>Words: a <em>place</em> is an aligned range of the medium in which something was written.
 */
final class Damages {
    private static final int REGION = 64 << 10;

    private final CrashMedia past;
    private final CrashImage image;
    private final List<CrashMedia> lives;
    private final int sectorSize;
    private final int blockSize;

    /**
     * @param past the life that wrote
     * @param image what is on the medium now
     * @param lives undisturbed lives, by number: how many calls they make, and where
     */
    Damages(CrashMedia past, CrashImage image, List<CrashMedia> lives) {
        this.past = past;
        this.image = image;
        this.lives = lives;
        this.sectorSize = past.geometry().sectorSize();
        this.blockSize = Math.max(sectorSize, past.geometry().blockSize());
    }

    List<Damage> of(DamageKind kind) {
        List<Damage> all = new ArrayList<>();
        switch (kind) {
            case ZEROED_SECTOR, FILLED_SECTOR, UNREADABLE_SECTOR ->
                places(sectorSize).forEach(at -> all.add(new Damage(kind, at, sectorSize, 0)));
            case STALE_SECTOR -> places(sectorSize).forEach(at -> stale(all, kind, at, sectorSize));
            case STALE_BLOCK -> places(blockSize).forEach(at -> stale(all, kind, at, blockSize));
            case STALE_REGION -> places(REGION).forEach(at -> stale(all, kind, at, REGION));
            case STALE_MEDIUM -> stale(all, kind, 0, image.size() / sectorSize * sectorSize);
            case SWAPPED_BLOCKS -> pairs(all, kind, blockSize, false);
            case SWAPPED_REGIONS -> pairs(all, kind, REGION, false);
            case COPIED_BLOCK -> pairs(all, kind, blockSize, true);
            case TRUNCATED, BLANK_END -> {
                for (long at : places(blockSize)) {
                    if (at > 0) {
                        all.add(new Damage(kind, at, 0, 0));
                    }
                }
            }
            case LOST_WRITE -> calls(all, kind, Fault.Call.WRITE);
            case IGNORED_FLUSH -> calls(all, kind, Fault.Call.FLUSH);
            case MISDIRECTED_WRITE -> misdirected(all, kind, Fault.Call.WRITE);
            case MISDIRECTED_READ -> misdirected(all, kind, Fault.Call.READ);
        }
        return all;
    }

    private List<Long> places(int length) {
        List<Long> places = new ArrayList<>();
        for (long at = 0; at + length <= image.size(); at += length) {
            for (long s = at / sectorSize; s < (at + length) / sectorSize; s++) {
                if (past.log((int) s) != null) {
                    places.add(at);
                    break;
                }
            }
        }
        return places;
    }

    /** The past contents of a place, each once. */
    private void stale(List<Damage> all, DamageKind kind, long at, long length) {
        byte[] last = content(at, length, -1);
        byte[] now = last;
        for (int events = 0; events <= past.events(); events++) {
            byte[] then = content(at, length, events);
            if (!Arrays.equals(then, last) && !Arrays.equals(then, now)) {
                all.add(new Damage(kind, at, length, events));
            }
            last = then;
        }
    }

    /** @param events how long ago, -1 for now */
    private byte[] content(long at, long length, int events) {
        byte[] bytes = new byte[(int) length];
        for (int done = 0; done < length; done += sectorSize) {
            int sector = (int) ((at + done) / sectorSize);
            byte[] part = events < 0 ? image.sector(sector) : Damage.then(past, sector, events);
            System.arraycopy(part, 0, bytes, done, sectorSize);
        }
        return bytes;
    }

    private void pairs(List<Damage> all, DamageKind kind, int length, boolean ordered) {
        List<Long> places = places(length);
        for (long from : places) {
            for (long to : places) {
                boolean wanted = ordered ? from != to : from < to;
                if (wanted && !Arrays.equals(content(from, length, -1), content(to, length, -1))) {
                    all.add(new Damage(kind, from, length, to));
                }
            }
        }
    }

    private void calls(List<Damage> all, DamageKind kind, Fault.Call call) {
        for (int life = 0; life < lives.size(); life++) {
            for (int nth = 1; nth <= lives.get(life).calls(call); nth++) {
                all.add(new Damage(kind, life, nth, 0));
            }
        }
    }

    /** Each call goes to each place in turn. */
    private void misdirected(List<Damage> all, DamageKind kind, Fault.Call call) {
        for (int life = 0; life < lives.size(); life++) {
            for (int nth = 1; nth <= lives.get(life).calls(call); nth++) {
                for (long to : places(blockSize)) {
                    all.add(new Damage(kind, life, nth, to));
                }
            }
        }
    }
}
