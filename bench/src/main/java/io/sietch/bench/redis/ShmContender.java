package io.sietch.bench.redis;

/** Who takes part in {@code bench shm}: a server, or none, and how it is reached. */
enum ShmContender {
    REDIS("Redis, loopback"),
    REDIS_ONE_CORE("Redis, loopback, one core"),
    LITE_SHM_BOUND("redis-lite, shared memory, own client, each on its core"),
    LITE("redis-lite, loopback"),
    LITE_TAP("redis-lite, TAP"),
    LITE_SHM("redis-lite, shared memory, own client"),
    REDIS_JEDIS("Redis, loopback, Jedis"),
    LITE_JEDIS("redis-lite, shared memory, Jedis"),
    BULK_LOOPBACK("loopback"),
    BULK_SHM("shared memory");

    private final String title;

    ShmContender(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
