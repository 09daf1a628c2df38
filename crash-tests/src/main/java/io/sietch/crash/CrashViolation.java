package io.sietch.crash;

import java.util.List;

/** The subject broke a promise. The message says where, and how to replay it. */
public final class CrashViolation extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final String message;
    private final String token;

    // An error is serialized at most to be shown elsewhere, and that takes the message alone.
    private final transient List<Scene> scenes;
    private final String recovered;

    CrashViolation(String message, String token, Throwable cause) {
        this(message, token, cause, List.of(), "");
    }

    CrashViolation(String message, String token, Throwable cause, List<Scene> scenes, String recovered) {
        super(message, cause);
        this.message = message;
        this.token = token;
        this.scenes = scenes;
        this.recovered = recovered;
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

    /** The lives that led to it. */
    List<Scene> scenes() {
        return scenes;
    }

    /** What was found in the end, in words. */
    String recovered() {
        return recovered;
    }
}
