package io.sietch.persistent;

import java.io.IOException;

/**
 * Threads append faster than the medium takes it, and there was no room in time. Nothing was appended; try again later.
 */
public final class LogBusyException extends IOException {
    private static final long serialVersionUID = 1;

    public LogBusyException(String message) {
        super(message);
    }
}
