package io.sietch.persistent;

import java.io.IOException;

/** No segment of a log is free. Appending works again after a trim, or when the area was grown. */
public final class LogFullException extends IOException {
    private static final long serialVersionUID = 1;

    public LogFullException(String message) {
        super(message);
    }
}
