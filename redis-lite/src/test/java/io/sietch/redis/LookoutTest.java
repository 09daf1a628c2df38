package io.sietch.redis;

import static io.sietch.redis.Lookout.LOOK_NANOS;
import static io.sietch.redis.Lookout.WRITERS_NANOS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LookoutTest {
    private long now = Long.MAX_VALUE - WRITERS_NANOS;
    private long appended = 7;
    private final Lookout lookout = new Lookout(now, appended);

    /** @return for how long it looked before the request came, or would have slept */
    private long requestAfter(long waitNanos) {
        long asleepAt = -1;
        for (long waited = 0; waited < waitNanos; waited += 1000) {
            if (!lookout.looks(now + waited, 0, appended) && asleepAt < 0) {
                asleepAt = waited;
            }
        }
        now += waitNanos;
        assertThat(lookout.looks(now, 1, appended)).isFalse();
        return asleepAt < 0 ? waitNanos : asleepAt;
    }

    private void requestsEvery(long waitNanos) {
        for (int i = 0; i < 100; i++) {
            requestAfter(waitNanos);
        }
    }

    @Test
    void itSleepsAtOnceUntilItKnowsThatRequestsAreFrequent() {
        now += 2 * WRITERS_NANOS;
        assertThat(requestAfter(10_000)).isZero();
        requestsEvery(10_000);
        now += WRITERS_NANOS;
        requestsEvery(10_000);
        assertThat(requestAfter(10_000)).isEqualTo(10_000);
    }

    @Test
    void itLooksForItsTimeAndThenSleeps() {
        now += 2 * WRITERS_NANOS;
        requestsEvery(10_000);
        assertThat(requestAfter(10 * LOOK_NANOS)).isEqualTo(LOOK_NANOS);
    }

    @Test
    void itSleepsAtOnceWhereRequestsAreRare() {
        now += 2 * WRITERS_NANOS;
        requestsEvery(10_000);
        requestsEvery(LOOK_NANOS + 1000);
        assertThat(requestAfter(10_000)).isZero();
    }

    @Test
    void itSleepsAtOnceWhileThereAreWriters() {
        now += 2 * WRITERS_NANOS;
        requestsEvery(10_000);
        appended++;
        assertThat(requestAfter(10_000)).isZero();
        now += WRITERS_NANOS - 20_000;
        assertThat(requestAfter(10_000)).isZero();
        now += 20_000;
        requestsEvery(10_000);
        assertThat(requestAfter(10_000)).isEqualTo(10_000);
    }
}
