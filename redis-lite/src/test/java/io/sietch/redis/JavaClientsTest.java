package io.sietch.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.resps.ScanResult;

/** The two usual Java clients, unmodified, over real sockets. */
@Timeout(60)
class JavaClientsTest {
    @TempDir
    private static Path directory;

    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer(directory, "log-segment-size", "16mb");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void empty() {
        try (Jedis jedis = jedis(RedisProtocol.RESP2)) {
            jedis.flushAll();
        }
    }

    /** With the test's own limit instead of the client's two seconds, which a busy disk may take. */
    private static Jedis jedis(RedisProtocol protocol) {
        return new Jedis(
                new HostAndPort("127.0.0.1", server.port()),
                DefaultJedisClientConfig.builder()
                        .protocol(protocol)
                        .timeoutMillis(60_000)
                        .clientName("jedis-test")
                        .build());
    }

    @Test
    void jedisWorksInBothProtocols() {
        for (RedisProtocol protocol : List.of(RedisProtocol.RESP2, RedisProtocol.RESP3)) {
            try (Jedis jedis = jedis(protocol)) {
                assertThat(jedis.ping()).isEqualTo("PONG");
                assertThat(jedis.clientGetname()).isEqualTo("jedis-test");
                assertThat(jedis.set("k", "v")).isEqualTo("OK");
                assertThat(jedis.get("k")).isEqualTo("v");
                assertThat(jedis.get("none")).isNull();
                assertThat(jedis.set("k", "w", SetParams.setParams().nx())).isNull();
                assertThat(jedis.setGet("k", "w")).isEqualTo("v");
                assertThat(jedis.psetex("t", 100_000, "x")).isEqualTo("OK");
                assertThat(jedis.pttl("t")).isBetween(1L, 100_000L);
                assertThat(jedis.incrBy("n", 5)).isEqualTo(5);
                assertThat(jedis.mset("a", "1", "b", "2")).isEqualTo("OK");
                assertThat(jedis.mget("a", "none", "b")).containsExactly("1", null, "2");
                assertThat(jedis.configGet("appendonly")).containsEntry("appendonly", "yes");
                assertThat(jedis.info("server")).contains("redis_version:7.");
                assertThat(jedis.dbSize()).isEqualTo(5);
                assertThat(jedis.del("k", "t", "n", "a", "b")).isEqualTo(5);
            }
        }
    }

    @Test
    void jedisSeesRedissErrors() {
        try (Jedis jedis = jedis(RedisProtocol.RESP2)) {
            jedis.set("k", "text");
            assertThatThrownBy(() -> jedis.incr("k"))
                    .isInstanceOf(JedisDataException.class)
                    .hasMessage("ERR value is not an integer or out of range");
        }
    }

    @Test
    void jedisPipelinesThousandsOfRequests() {
        try (Jedis jedis = jedis(RedisProtocol.RESP2)) {
            Pipeline pipeline = jedis.pipelined();
            List<Response<String>> replies = new ArrayList<>();
            for (int i = 0; i < 5000; i++) {
                pipeline.set("k" + i, "v" + i);
                replies.add(pipeline.get("k" + i));
            }
            pipeline.sync();
            for (int i = 0; i < 5000; i++) {
                assertThat(replies.get(i).get()).isEqualTo("v" + i);
            }
        }
    }

    @Test
    void jedisScansAllKeys() {
        try (Jedis jedis = jedis(RedisProtocol.RESP2)) {
            for (int i = 0; i < 500; i++) {
                jedis.set("scan:" + i, "x");
            }
            String cursor = ScanParams.SCAN_POINTER_START;
            List<String> found = new ArrayList<>();
            do {
                ScanResult<String> page =
                        jedis.scan(cursor, new ScanParams().match("scan:*").count(50));
                found.addAll(page.getResult());
                cursor = page.getCursor();
            } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
            assertThat(found).hasSize(500).doesNotHaveDuplicates();
        }
    }

    @Test
    void valuesOfMegabytesGoBothWays() {
        byte[] value = new byte[10 << 20];
        new Random(1).nextBytes(value);
        try (Jedis jedis = jedis(RedisProtocol.RESP3)) {
            jedis.set("large".getBytes(UTF_8), value);
            assertThat(Arrays.equals(jedis.get("large".getBytes(UTF_8)), value)).isTrue();
        }
    }

    @Test
    void lettuceWorks() throws Exception {
        RedisClient client = RedisClient.create(RedisURI.create("127.0.0.1", server.port()));
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            RedisCommands<String, String> sync = connection.sync();
            assertThat(sync.ping()).isEqualTo("PONG");
            assertThat(sync.set("k", "v")).isEqualTo("OK");
            assertThat(sync.get("k")).isEqualTo("v");
            assertThat(sync.get("none")).isNull();
            assertThat(sync.set("k", "w", SetArgs.Builder.xx().px(50_000))).isEqualTo("OK");
            assertThat(sync.pttl("k")).isBetween(1L, 50_000L);
            assertThat(sync.configGet("maxmemory*")).containsEntry("maxmemory-policy", "noeviction");
            assertThat(sync.command()).isNotEmpty();
            assertThat(sync.commandCount()).isGreaterThan(50);
            assertThat(sync.clientList()).contains("lib-name=Lettuce");
            ScanIterator<String> keys = ScanIterator.scan(sync, ScanArgs.Builder.matches("k*"));
            assertThat(keys.stream()).containsExactly("k");

            RedisAsyncCommands<String, String> async = connection.async();
            List<RedisFuture<String>> replies = new ArrayList<>();
            for (int i = 0; i < 5000; i++) {
                async.set("a" + i, "v" + i);
                replies.add(async.get("a" + i));
            }
            for (int i = 0; i < 5000; i++) {
                assertThat(replies.get(i).get(30, TimeUnit.SECONDS)).isEqualTo("v" + i);
            }
        } finally {
            client.shutdown(0, 0, TimeUnit.SECONDS);
        }
    }
}
