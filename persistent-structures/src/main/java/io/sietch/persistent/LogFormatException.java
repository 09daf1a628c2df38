package io.sietch.persistent;

import java.io.IOException;

/** What an area holds cannot be opened as a log. Nothing was changed. */
public final class LogFormatException extends IOException {
    private static final long serialVersionUID = 1;

    public LogFormatException(String message) {
        super(message);
    }
}
