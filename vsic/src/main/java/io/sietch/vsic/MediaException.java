package io.sietch.vsic;

import java.io.IOException;

/** A medium cannot be opened, created or grown. The message names the file, the numbers and the remedy. */
public class MediaException extends IOException {
    private static final long serialVersionUID = 1L;

    public MediaException(String message) {
        super(message);
    }

    public MediaException(String message, Throwable cause) {
        super(message, cause);
    }
}
