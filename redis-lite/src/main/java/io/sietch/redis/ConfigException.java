package io.sietch.redis;

/** An option or a configuration file is no good. The message names it and says what would be. */
final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    ConfigException(String message) {
        super(message);
    }
}
