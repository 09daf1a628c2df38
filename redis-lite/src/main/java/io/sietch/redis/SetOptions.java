package io.sietch.redis;

import org.jspecify.annotations.Nullable;

/** The options of {@code SET} and {@code GETEX}, read into the same object again and again. */
final class SetOptions {
    boolean onlyIfAbsent;
    boolean onlyIfPresent;
    boolean get;
    boolean keepTtl;
    boolean persist;
    /** The argument that says when the key expires; 0: none does. */
    int expiryAt;

    boolean seconds;
    boolean absolute;

    private @Nullable String unit;

    /** As if no option were given. */
    SetOptions none() {
        onlyIfAbsent = false;
        onlyIfPresent = false;
        get = false;
        keepTtl = false;
        persist = false;
        expiryAt = 0;
        seconds = false;
        absolute = false;
        unit = null;
        return this;
    }

    /** Reads the options of {@code SET} from argument {@code from} on; false: the syntax is wrong. */
    boolean parseSet(Request request, int from) {
        none();
        for (int i = from; i < request.count(); i++) {
            if (request.isWord(i, "NX") && !onlyIfPresent) {
                onlyIfAbsent = true;
            } else if (request.isWord(i, "XX") && !onlyIfAbsent) {
                onlyIfPresent = true;
            } else if (request.isWord(i, "GET")) {
                get = true;
            } else if (request.isWord(i, "KEEPTTL") && unit == null) {
                keepTtl = true;
            } else if (!keepTtl && parseExpiry(request, i)) {
                i++;
            } else {
                return false;
            }
        }
        return true;
    }

    /** Reads the options of {@code GETEX} from argument {@code from} on; false: the syntax is wrong. */
    boolean parseGetEx(Request request, int from) {
        none();
        for (int i = from; i < request.count(); i++) {
            if (request.isWord(i, "PERSIST") && unit == null) {
                persist = true;
            } else if (!persist && parseExpiry(request, i)) {
                i++;
            } else {
                return false;
            }
        }
        return true;
    }

    /** An expiry may be given again in the same unit; the last one counts. */
    private boolean parseExpiry(Request request, int i) {
        String given;
        if (request.isWord(i, "EX")) {
            given = "EX";
        } else if (request.isWord(i, "PX")) {
            given = "PX";
        } else if (request.isWord(i, "EXAT")) {
            given = "EXAT";
        } else if (request.isWord(i, "PXAT")) {
            given = "PXAT";
        } else {
            return false;
        }
        if (unit != null && !unit.equals(given) || i + 1 >= request.count()) {
            return false;
        }
        unit = given;
        seconds = given.charAt(0) == 'E';
        absolute = given.length() == 4;
        expiryAt = i + 1;
        return true;
    }
}
