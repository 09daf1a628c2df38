package io.sietch.redis;

/** Whom a command is executed for. */
interface ClientContext {
    /** No client at all: replay, expiry, tests. */
    ClientContext NONE = () -> 0;

    /** The number of the connection, never used twice; 0 for none. */
    long id();
}
