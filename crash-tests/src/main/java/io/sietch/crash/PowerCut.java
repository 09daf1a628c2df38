package io.sietch.crash;

/**
 * Thrown out of a call on a {@link CrashMedia} when the power goes, so that everything above unwinds. Nothing may catch
 * it: after it only the image is left, and every further call throws it again.
 */
public final class PowerCut extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PowerCut(int event) {
        super("power cut at event " + event, null, false, false);
    }
}
