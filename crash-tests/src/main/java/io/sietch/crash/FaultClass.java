package io.sietch.crash;

/** What a power loss may leave, from the mildest to the harshest; see docs/crash-tests.md. */
public enum FaultClass {
    /** A prefix of the commands. */
    M0,
    /** Any subset of the commands. */
    M1,
    /** Any version of each sector. */
    M2,
    /** Sectors torn between words. */
    M3,
    /** Garbage where writing went on. */
    M4,
    /** Any value of each word of a mapping. */
    M5;

    static FaultClass of(CrashPlan plan) {
        CrashModel model = plan.model();
        if (model.damages()) {
            return model.garbage() ? M4 : M3;
        }
        return switch (model.survival()) {
            case PREFIX -> M0;
            case COMMANDS -> M1;
            case SECTORS -> plan.geometry().sectorSize() == Long.BYTES ? M5 : M2;
        };
    }
}
