package io.sietch.bench.redis;

import io.sietch.bench.report.Children;
import io.sietch.vnic.VnicSocketFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** Unmodified Jedis, one request at a time, in a JVM of its own. */
final class JedisFork {
    private static final int VALUE_BYTES = 64;
    private static final int KEYS = 100_000;
    private static final int PORT = 6379;

    private JedisFork() {}

    /** The arguments are a port or the socket of a server, set or get, and the seconds to warm up and to measure. */
    public static void main(String[] args) throws IOException {
        Children.endWithParent();
        double warmup = Double.parseDouble(args[2]);
        double seconds = Double.parseDouble(args[3]);
        boolean set = args[1].equals("set");
        if (args[0].chars().allMatch(Character::isDigit)) {
            try (Jedis jedis = new Jedis("127.0.0.1", Integer.parseInt(args[0]))) {
                measure(jedis, set, warmup, seconds);
            }
        } else {
            try (VnicSocketFactory sockets = VnicSocketFactory.open(Path.of(args[0]));
                    Jedis jedis = over(sockets)) {
                measure(jedis, set, warmup, seconds);
            }
        }
    }

    static Jedis over(VnicSocketFactory sockets) {
        return new Jedis(() -> {
            try {
                return sockets.createSocket(PORT);
            } catch (IOException e) {
                throw new JedisConnectionException(e);
            }
        });
    }

    private static void measure(Jedis jedis, boolean set, double warmup, double seconds) {
        ask(jedis, set, warmup);
        Histogram times = ask(jedis, set, seconds);
        System.out.println(Measured.line(
                times.getTotalCount() / seconds,
                times.getMean() / 1e3,
                times.getValueAtPercentile(50) / 1e3,
                times.getValueAtPercentile(99) / 1e3));
    }

    private static Histogram ask(Jedis jedis, boolean set, double seconds) {
        Histogram times = new Histogram(TimeUnit.SECONDS.toNanos(60), 3);
        SplittableRandom random = new SplittableRandom(1);
        byte[] value = "x".repeat(VALUE_BYTES).getBytes(StandardCharsets.US_ASCII);
        long begin = System.nanoTime();
        long now = begin;
        while (now - begin < seconds * 1e9) {
            byte[] key = key(random.nextInt(KEYS));
            if (set) {
                jedis.set(key, value);
            } else {
                jedis.get(key);
            }
            long after = System.nanoTime();
            times.recordValue(Math.min(after - now, times.getHighestTrackableValue()));
            now = after;
        }
        return times;
    }

    private static byte[] key(int number) {
        byte[] key = "key:000000000000".getBytes(StandardCharsets.US_ASCII);
        for (int i = key.length - 1, rest = number; rest > 0; i--, rest /= 10) {
            key[i] = (byte) ('0' + rest % 10);
        }
        return key;
    }
}
