package io.sietch.vsa;

import java.io.IOException;

/** The control plane refuses. The message names the device, the numbers and the remedy. */
public final class ControlPlaneException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        /** The medium does not begin with a catalogue. */
        NOT_A_DEVICE,
        /** The catalogue is of a version that this program does not know. */
        UNKNOWN_VERSION,
        /** No copy of the catalogue is intact, or two contradict each other. */
        CATALOGUE_DAMAGED,
        /** The medium is smaller than its catalogue says. */
        DEVICE_TRUNCATED,
        /** The device has too little space, and must or can not grow. */
        NO_SPACE,
        /** The owner would have more than its quota. */
        QUOTA_EXCEEDED,
        /** The catalogue has no room for another record. */
        CATALOGUE_FULL,
        /** There is no area of that name. */
        UNKNOWN_NAME,
        /** There is an area of that name already. */
        DUPLICATE_NAME,
        /** The area is open for writing elsewhere. */
        IN_USE,
        /** An earlier change failed half-way; only opening the device again can tell what the medium holds. */
        FAILED
    }

    private final Reason reason;

    ControlPlaneException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    ControlPlaneException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
