package io.sietch.crash;

/**
 * What a power loss does to writes that no good flush covers.
 *
 * @param survival which of them survive
 * @param tears whether a sector may be left with 8-byte words of two of its versions
 * @param garbage whether an unflushed fragment (a write command's part of one sector) may be left as arbitrary bytes
 * @param powersafeOverwrite whether garbage stays inside the bytes that were being written, or takes the whole sector
 * @param maxDamaged how many sectors of one image may be torn or garbage
 */
public record CrashModel(
        Survival survival, boolean tears, boolean garbage, boolean powersafeOverwrite, int maxDamaged) {
    /** Which writes survive. */
    public enum Survival {
        /** The first so many, in the order of completion. */
        PREFIX,
        /** Any subset of the commands, each whole. */
        COMMANDS,
        /** Any version of each sector, independently. */
        SECTORS
    }

    /** M0: a prefix of the commands. */
    public static final CrashModel PREFIX = new CrashModel(Survival.PREFIX, false, false, true, 0);

    /** M1: any subset of whole commands. */
    public static final CrashModel COMMANDS = new CrashModel(Survival.COMMANDS, false, false, true, 0);

    /** M2, the default: each sector for itself. */
    public static final CrashModel SECTORS = new CrashModel(Survival.SECTORS, false, false, true, 0);

    /** M3: as {@link #SECTORS}, and sectors may be torn between words. */
    public static final CrashModel WORDS = new CrashModel(Survival.SECTORS, true, false, true, Integer.MAX_VALUE);

    /** M4 with power-safe overwrite: as {@link #WORDS}, and what was being written may be garbage. */
    public static final CrashModel GARBAGE = new CrashModel(Survival.SECTORS, true, true, true, Integer.MAX_VALUE);

    /** M4 without power-safe overwrite: garbage may take the whole sector. The harshest. */
    public static final CrashModel GARBAGE_SECTORS =
            new CrashModel(Survival.SECTORS, true, true, false, Integer.MAX_VALUE);

    /** The same with at most so many damaged sectors in one image: makes enumerating affordable. */
    public CrashModel withMaxDamaged(int sectors) {
        return new CrashModel(survival, tears, garbage, powersafeOverwrite, sectors);
    }

    boolean damages() {
        return (tears || garbage) && maxDamaged > 0;
    }
}
