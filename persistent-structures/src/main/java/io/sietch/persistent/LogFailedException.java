package io.sietch.persistent;

import java.io.IOException;

/**
 * A log takes no more appends: a write or flush failed, or it is corrupt, read-only or closed. What was not
 * acknowledged before may or may not be there after it is reopened.
 */
public final class LogFailedException extends IOException {
    private static final long serialVersionUID = 1;

    public LogFailedException(String message) {
        super(message);
    }
}
