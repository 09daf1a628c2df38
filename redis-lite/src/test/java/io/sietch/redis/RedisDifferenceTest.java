package io.sietch.redis;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;
import org.jspecify.annotations.Nullable;

/** The same random requests to an installed Redis and to the keyspace: the same replies, byte for byte. */
@AddLifecycleHook(RedisDifferenceTest.NeedsRedis.class)
class RedisDifferenceTest {
    /** A property that gives up in each try has failed; one that is skipped has not. */
    static final class NeedsRedis implements SkipExecutionHook {
        @Override
        public SkipResult shouldBeSkipped(LifecycleContext context) {
            return RedisPeer.installed() == null
                    ? SkipResult.skip("no redis-server on the PATH: nothing to compare with")
                    : SkipResult.doNotSkip();
        }
    }

    private static @Nullable RedisPeer peer;

    private static RedisPeer peer() throws IOException {
        if (peer == null) {
            peer = RedisPeer.start(requireNonNull(RedisPeer.installed()));
        }
        return peer;
    }

    @AfterContainer
    static void stop() throws IOException {
        if (peer != null) {
            peer.close();
            peer = null;
        }
    }

    @Provide
    Arbitrary<List<List<String>>> sequences() {
        return Arbitraries.randomValue(RandomRequests::next).list().ofMinSize(1).ofMaxSize(150);
    }

    @Property(tries = 300)
    void repliesAreThoseOfRedis(@ForAll("sequences") List<List<String>> requests) throws IOException {
        RedisPeer redis = peer();
        redis.run(List.of(List.of("FLUSHALL")));
        List<List<String>> all = new ArrayList<>(requests);
        all.add(List.of("KEYS", "*"));
        all.add(List.of("DBSIZE"));
        List<String> expected = redis.run(all);
        try (KeyspaceHarness ours = new KeyspaceHarness()) {
            ours.now = System.currentTimeMillis();
            for (int i = 0; i < all.size(); i++) {
                List<String> request = all.get(i);
                if (isBeyondOurLimit(expected.get(i))) {
                    return; // from here on the two go different ways, as they may
                }
                String reply = ours.run(request.toArray(String[]::new));
                assertThat(comparable(request, reply))
                        .as("request %d: %s", i, request)
                        .isEqualTo(comparable(request, expected.get(i)));
            }
        }
    }

    /** The journal of the test takes less than Redis's 512 MB. */
    private static boolean isBeyondOurLimit(String reply) {
        return reply.length() > 100_000_000;
    }

    /** The reply, but for what depends on the moment or on the order of a hash table. */
    private static String comparable(List<String> request, String reply) {
        return switch (request.get(0).toUpperCase(Locale.ROOT)) {
            case "TTL", "EXPIRETIME" -> rounded(reply, 10);
            case "PTTL", "PEXPIRETIME" -> rounded(reply, 10_000);
            case "KEYS" -> sorted(reply);
            case "OBJECT" -> reply.startsWith("*") ? "help" : reply;
            default -> reply;
        };
    }

    private static String rounded(String reply, long unit) {
        if (!reply.startsWith(":") || reply.startsWith(":-")) {
            return reply;
        }
        long value = Long.parseLong(reply.substring(1, reply.length() - 2));
        return ":" + (value + unit / 2) / unit * unit;
    }

    private static String sorted(String reply) {
        String[] lines = reply.split("\r\n", -1);
        Arrays.sort(lines);
        return String.join("|", lines);
    }
}
