package io.sietch.crash;

import io.sietch.vsic.LatencyModel;

/**
 * How far to explore.
 *
 * @param name of the subject, for reports
 * @param geometry of the medium
 * @param model of the power loss
 * @param latency of the device on virtual time; a write that takes time is not covered by a flush that begins meanwhile
 * @param seed determines everything that is sampled
 * @param limits of what is tried
 * @param lazyViews whether the subject reads by commands alone, see {@link CrashMedia#withLazyViews}
 */
public record CrashPlan(
        String name,
        CrashGeometry geometry,
        CrashModel model,
        LatencyModel latency,
        long seed,
        Limits limits,
        boolean lazyViews) {
    /**
     * How much is tried at most, and in full.
     *
     * @param points the most crash points of one life; if there are more, the seed picks
     * @param images the most images of one crash point that are enumerated; if there are more, the small deviations
     *     come first and then as many again by the seed
     * @param nested how many images of each crash point inside the second life (recovery, and working on) that is
     *     sampled
     * @param nestedPoints the most crash points inside the second life where they are sampled
     * @param secondCrashes the most images of crashes inside a second life's recovery that are made in full: every
     *     crash point of a recovery, and of each the images as of a first crash. What is beyond is sampled
     * @param masks where images are enumerated, by so many masks at most a sector is torn: one of 65,536 more makes no
     *     difference, and enumerating comes to an end
     * @param tears where images are enumerated, in at most so many places a sector is torn from either side, of those
     *     where its versions differ, and filled with as many kinds of garbage
     */
    public record Limits(
            int points, int images, int nested, int nestedPoints, long secondCrashes, int masks, int tears) {}

    /** System property that replays a run: the seed of everything sampled. */
    public static final String SEED_PROPERTY = "sietch.crash.seed";

    /** System property that multiplies the images and points: for longer runs. */
    public static final String TRIES_PROPERTY = "sietch.crash.tries";

    /** System property that replays one failure in place of a run: its token. */
    public static final String TOKEN_PROPERTY = "sietch.crash.token";

    /**
     * Up to 200 crash points of up to 32 images in model M2, and up to 2000 crashes
     * inside recovery before these are sampled; the seed and the
     * size of the run from the system properties.
     */
    public static CrashPlan of(String name, CrashGeometry geometry) {
        int tries = Math.max(1, Integer.getInteger(TRIES_PROPERTY, 1));
        return new CrashPlan(
                name,
                geometry,
                CrashModel.SECTORS,
                LatencyModel.NONE,
                Long.getLong(SEED_PROPERTY, 1),
                new Limits(200 * tries, 32 * tries, 2, 4 * tries, 2000L * tries, Integer.MAX_VALUE, Integer.MAX_VALUE),
                false);
    }

    /** The same on a medium of another shape. */
    public CrashPlan withGeometry(CrashGeometry newGeometry) {
        return new CrashPlan(name, newGeometry, model, latency, seed, limits, lazyViews);
    }

    public CrashPlan withModel(CrashModel newModel) {
        return new CrashPlan(name, geometry, newModel, latency, seed, limits, lazyViews);
    }

    public CrashPlan withLatency(LatencyModel newLatency) {
        return new CrashPlan(name, geometry, model, newLatency, seed, limits, lazyViews);
    }

    public CrashPlan withSeed(long newSeed) {
        return new CrashPlan(name, geometry, model, latency, newSeed, limits, lazyViews);
    }

    private CrashPlan with(Limits newLimits) {
        return new CrashPlan(name, geometry, model, latency, seed, newLimits, lazyViews);
    }

    /** The same with other limits; see {@link Limits}. */
    public CrashPlan withLimits(int points, int images, int nested, int nestedPoints) {
        Limits old = limits;
        return with(new Limits(points, images, nested, nestedPoints, old.secondCrashes, old.masks, old.tears));
    }

    /** The same with another budget for crashes inside recovery. */
    public CrashPlan withSecondCrashes(long secondCrashes) {
        Limits old = limits;
        return with(
                new Limits(old.points, old.images, old.nested, old.nestedPoints, secondCrashes, old.masks, old.tears));
    }

    /** For subjects that read by commands alone: what recovery does not read is not enumerated. */
    public CrashPlan withLazyViews() {
        return new CrashPlan(name, geometry, model, latency, seed, limits, true);
    }

    /** The same with so many details of damage enumerated: masks, and as many places; see {@link Limits}. */
    public CrashPlan withDetails(int details) {
        return withTears(details, details);
    }

    /** The same with every place enumerated where a sector may be torn, every kind of garbage, and so many masks. */
    public CrashPlan withEveryTear(int masks) {
        return withTears(masks, Integer.MAX_VALUE);
    }

    private CrashPlan withTears(int masks, int tears) {
        Limits old = limits;
        return with(new Limits(old.points, old.images, old.nested, old.nestedPoints, old.secondCrashes, masks, tears));
    }
}
