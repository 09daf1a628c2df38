package io.sietch.redis;

import java.io.IOException;

/** A record of the journal that cannot be replayed: of an unknown kind, or with lengths that do not fit it. */
final class EffectException extends IOException {
    private static final long serialVersionUID = 1;

    EffectException(String message) {
        super(message);
    }
}
