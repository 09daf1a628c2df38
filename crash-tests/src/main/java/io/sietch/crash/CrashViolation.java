package io.sietch.crash;

/** The subject broke a promise. The message says where, and how to replay it. */
public final class CrashViolation extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final String message;
    private final String token;

    CrashViolation(String message, String token, Throwable cause) {
        super(message, cause);
        this.message = message;
        this.token = token;
    }

    @Override
    public String getMessage() {
        return message;
    }

    /** The same with more lines at the end of its message. */
    public CrashViolation with(String lines) {
        Throwable cause = getCause();
        CrashViolation longer = new CrashViolation(message + lines, token, cause == null ? this : cause);
        longer.setStackTrace(getStackTrace());
        return longer;
    }

    /** What {@link CrashExplorer#replay} takes to do it again. */
    public String token() {
        return token;
    }
}
