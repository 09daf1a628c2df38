package io.sietch.vnic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Looking before sleeping. */
class SpinningTest {
    private static final long AN_HOUR = 3_600_000_000_000L;

    @Test
    void itEndsWithTheLookThatFindsSomething() {
        AtomicInteger looks = new AtomicInteger();
        assertThat(Spinning.look(() -> looks.incrementAndGet() == 1, AN_HOUR)).isTrue();
        assertThat(looks).hasValue(1);
        assertThat(Spinning.look(() -> looks.incrementAndGet() == 50_000, AN_HOUR))
                .isTrue();
        assertThat(looks).hasValue(50_000);
    }

    @Test
    void itEndsWhenTheTimeIsOver() {
        AtomicInteger looks = new AtomicInteger();
        assertThat(Spinning.look(() -> looks.incrementAndGet() == 0, 1_000_000)).isFalse();
        assertThat(looks.get()).isPositive();
        assertThat(Spinning.look(() -> true, 0)).isFalse();
    }
}
