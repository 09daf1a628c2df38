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
    private final String junitTest;

    CrashViolation(String message, String token, Throwable cause) {
        this(message, token, cause, List.of(), "", "");
    }

    CrashViolation(
            String message, String token, Throwable cause, List<Scene> scenes, String recovered, String junitTest) {
        super(message, cause);
        this.message = message;
        this.token = token;
        this.scenes = scenes;
        this.recovered = recovered;
        this.junitTest = junitTest;
    }

    @Override
    public String getMessage() {
        return message;
    }

    /** The same with more lines at the end of its message. */
    public CrashViolation with(String lines) {
        Throwable cause = getCause();
        CrashViolation longer =
                new CrashViolation(message + lines, token, cause == null ? this : cause, scenes, recovered, junitTest);
        longer.setStackTrace(getStackTrace());
        return longer;
    }

    /** What {@link CrashExplorer#replay} takes to do it again. */
    public String token() {
        return token;
    }

    /**
     * The source of a test of JUnit 5 that does it again, for the package of the subject; empty if there is none.
     * Where the subject cannot be made from there, the test says what is to be filled in.
     */
    public String junitTest() {
        return junitTest;
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
