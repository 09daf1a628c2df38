package io.sietch.vsa;

import io.sietch.vsic.RateLimit;

/**
 * What a new area shall be.
 *
 * @param size bytes, a positive multiple of the granule
 * @param granule bytes of which every extent of the area is a multiple, for structures whose pieces must not be split:
 *     a positive multiple of the device's allocation unit ({@link ControlPlane#unitBytes()})
 * @param owner whose quota it counts against
 * @param limit the share of the device that a VSIC may use which opens the area
 */
public record AreaSpec(long size, long granule, String owner, RateLimit limit) {
    /** The owner of areas for which none is named. */
    public static final String DEFAULT_OWNER = "default";

    public AreaSpec {
        if (granule <= 0 || size <= 0 || size % granule != 0) {
            throw new IllegalArgumentException(
                    "area of " + size + " bytes: must be a positive multiple of its granule of " + granule + " bytes");
        }
        Names.utf8("owner", owner);
    }

    /** An area without a rate limit, of the default owner, in granules of {@link ControlPlane#DEFAULT_UNIT_BYTES}. */
    public static AreaSpec of(long size) {
        return of(size, ControlPlane.DEFAULT_UNIT_BYTES);
    }

    /** An area without a rate limit, of the default owner. */
    public static AreaSpec of(long size, long granule) {
        return new AreaSpec(size, granule, DEFAULT_OWNER, RateLimit.NONE);
    }

    public AreaSpec withOwner(String newOwner) {
        return new AreaSpec(size, granule, newOwner, limit);
    }

    public AreaSpec withLimit(RateLimit newLimit) {
        return new AreaSpec(size, granule, owner, newLimit);
    }
}
