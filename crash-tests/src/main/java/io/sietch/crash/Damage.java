package io.sietch.crash;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a medium did to data.
 *
 * <p>What the numbers mean depends on the kind. Of damage to an image: an offset, a length, and for stale data after
 * how many events it was like that, for two places the second offset. Of calls that go wrong: the life, the number of
 * the call, and the offset where it ended up.
 */
record Damage(DamageKind kind, long first, long second, long third) {
    static Damage parse(String token) {
        String[] parts = token.split(":", -1);
        if (parts.length != 4) {
            throw new IllegalArgumentException("no token of damage: \"" + token + "\"");
        }
        return new Damage(
                DamageKind.valueOf(parts[0].toUpperCase(Locale.ROOT)),
                Long.parseLong(parts[1]),
                Long.parseLong(parts[2]),
                Long.parseLong(parts[3]));
    }

    String token() {
        return kind.name().toLowerCase(Locale.ROOT) + ":" + first + ":" + second + ":" + third;
    }

    /** The call that goes wrong, or null if this is damage to an image. */
    @Nullable
    Fault fault() {
        int nth = (int) second;
        return switch (kind) {
            case LOST_WRITE -> Fault.once(Fault.Call.WRITE, nth).with(Fault.Effect.LOST);
            case MISDIRECTED_WRITE -> new Fault(Fault.Call.WRITE, nth, false, Fault.Effect.MISDIRECTED, third);
            case MISDIRECTED_READ -> new Fault(Fault.Call.READ, nth, false, Fault.Effect.MISDIRECTED, third);
            case IGNORED_FLUSH -> Fault.once(Fault.Call.FLUSH, nth).with(Fault.Effect.IGNORED);
            default -> null;
        };
    }

    /**
     * Does it to an image.
     *
     * @param past the life that tells what was where, and when
     */
    void apply(CrashImage image, CrashMedia past) {
        switch (kind) {
            case ZEROED_SECTOR -> image.fillSector(first, 0);
            case FILLED_SECTOR -> image.fillSector(first, 0xff);
            case UNREADABLE_SECTOR -> image.makeUnreadable(first);
            case STALE_SECTOR, STALE_BLOCK, STALE_REGION, STALE_MEDIUM -> {
                for (int s = sector(image, first); s < sector(image, first + second); s++) {
                    image.replace(s, then(past, s, (int) third));
                }
            }
            case SWAPPED_BLOCKS, SWAPPED_REGIONS, COPIED_BLOCK -> {
                int other = sector(image, third);
                for (int s = sector(image, first); s < sector(image, first + second); s++, other++) {
                    byte[] bytes = image.sector(s);
                    if (kind != DamageKind.COPIED_BLOCK) {
                        image.replace(s, image.sector(other));
                    }
                    image.replace(other, bytes);
                }
            }
            case TRUNCATED -> image.truncate(first);
            case BLANK_END -> {
                for (int s = sector(image, first); s < sector(image, image.size()); s++) {
                    image.replace(s, image.zeros());
                }
            }
            case LOST_WRITE, MISDIRECTED_WRITE, MISDIRECTED_READ, IGNORED_FLUSH ->
                throw new IllegalStateException(kind + " is no damage to an image");
        }
    }

    private static int sector(CrashImage image, long offset) {
        return (int) (offset / image.geometry().sectorSize());
    }

    /** What a sector held when so many events of a life were over. */
    static byte[] then(CrashMedia past, int sector, int events) {
        SectorLog log = past.log(sector);
        if (log != null) {
            for (int i = log.count() - 1; i >= 0; i--) {
                if (log.get(i).command < events) {
                    return log.get(i).bytes;
                }
            }
        }
        return past.initial(sector);
    }
}
