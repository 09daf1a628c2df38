package io.sietch.redis;

/** Under construction. */
public final class RedisServer {
    private RedisServer() {}
}
