package io.sietch.persistent;

/** A cursor met bytes that are damaged. */
public final class LogCorruptException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long position;

    public LogCorruptException(long position, String message) {
        super(message);
        this.position = position;
    }

    /** Where the damage begins; a cursor from a later start can read what lies behind it. */
    public long position() {
        return position;
    }
}
