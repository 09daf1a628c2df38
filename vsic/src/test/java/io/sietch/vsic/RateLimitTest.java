package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** Limits in virtual time, where they can be checked to the command. */
class RateLimitTest {
    private static final int BLOCK = Rig.BLOCK;
    private static final long SECOND = 1_000_000_000L;

    /** Keeps a VSIC busy until the time is over; time moves as far as the controller says that it may be left alone. */
    private static long serve(Rig rig, Vsic vsic, Vsa area, int bytes, long nanos) {
        DmaBuffer buffer = rig.buffer(Math.max(1, bytes / BLOCK));
        long end = rig.clock.nanoTime() + nanos;
        long[] done = {0};
        CompletionHandler count = (tag, status) -> done[0] += status == Status.SUCCESS ? 1 : 0;
        while (true) {
            while (bytes == 0 ? vsic.flush(area, 0) : vsic.write(area, 0, buffer, 0, bytes, 0)) {
                // fills the queue
            }
            if (rig.controller.poll() + vsic.poll(count, Integer.MAX_VALUE) > 0) {
                continue;
            }
            long idle = rig.controller.idleNanos();
            assertThat(idle).as("something is held back").isBetween(1L, 1L << 50);
            if (rig.clock.nanoTime() + idle - end > 0) {
                rig.clock.advance(end - rig.clock.nanoTime());
                return done[0];
            }
            rig.clock.advance(idle);
        }
    }

    /** In any second, as many as the rate says: exactly, once the burst is used up, whatever the rate. */
    @Property(tries = 60)
    void commandsAreServedAtTheirRateToWithinOne(
            @ForAll @LongRange(min = 1, max = 30_000) long rate, @ForAll @IntRange(max = 100) int burstMillis)
            throws Exception {
        try (Rig rig = new Rig(8)) {
            long burst = burstMillis * 1_000_000L;
            Vsic vsic = rig.vsic(new RateLimit(0, rate, burst));
            Vsa area = rig.area(vsic, 0, 4);
            long first = serve(rig, vsic, area, 0, SECOND);
            double allowed = rate + rate * (burst / 1e9);
            assertThat((double) first).isBetween(allowed - 1, allowed + 1);
            long second = serve(rig, vsic, area, 0, SECOND);
            assertThat(second).isBetween(rate - 1, rate + 1);
            long both = first + second;
            assertThat((double) both).as("no rounding gathers").isBetween(allowed + rate - 1, allowed + rate + 1);
        }
    }

    @Property(tries = 60)
    void bytesAreServedAtTheirRateToWithinOneCommand(
            @ForAll @LongRange(min = 1 << 12, max = 1 << 26) long rate, @ForAll @IntRange(min = 1, max = 4) int blocks)
            throws Exception {
        try (Rig rig = new Rig(8)) {
            int bytes = blocks * BLOCK;
            Vsic vsic = rig.vsic(new RateLimit(rate, 0, 0));
            Vsa area = rig.area(vsic, 0, 4);
            long seconds = 3;
            long served = bytes * serve(rig, vsic, area, bytes, seconds * SECOND);
            assertThat(served).isBetween(seconds * rate - bytes, seconds * rate + bytes);
            assertThat(vsic.counters().bytesWritten()).isEqualTo(served);
        }
    }

    @Test
    void bothLimitsHoldAtOnce() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic byCommands = rig.vsic(new RateLimit(1 << 30, 100, 0));
            assertThat(serve(rig, byCommands, rig.area(byCommands, 0, 2), BLOCK, SECOND))
                    .isBetween(100L, 101L);
        }
        try (Rig rig = new Rig(8)) {
            Vsic byBytes = rig.vsic(new RateLimit(50 * BLOCK, 100, 0));
            assertThat(serve(rig, byBytes, rig.area(byBytes, 0, 2), BLOCK, SECOND))
                    .isBetween(50L, 51L);
        }
    }

    @Test
    void anIdleTimeEarnsItsBurstAndNoMore() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(new RateLimit(0, 1000, 10_000_000));
            Vsa area = rig.area(vsic, 0, 4);
            serve(rig, vsic, area, 0, SECOND);
            rig.clock.advance(100 * SECOND);
            long atOnce = serve(rig, vsic, area, 0, 1);
            assertThat(atOnce)
                    .as("10 ms of 1000 a second, and the one that is always admitted")
                    .isBetween(10L, 11L);
        }
    }

    @Test
    void aThrottledVsicDoesNotSlowItsNeighbour() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic slow = rig.vsic(new RateLimit(0, 1, 0));
            Vsic free = rig.vsic(8);
            Vsa theirs = rig.area(slow, 0, 4);
            Vsa mine = rig.area(free, 4, 4);
            while (slow.flush(theirs, 0)) {
                // as greedy as can be
            }
            long[] done = {0};
            for (int i = 0; i < 10_000; i++) {
                assertThat(free.flush(mine, i)).isTrue();
                assertThat(rig.controller.poll()).isPositive();
                free.poll((tag, status) -> done[0]++, 1);
            }
            assertThat(done[0]).isEqualTo(10_000);
            assertThat(slow.counters().commands()).isEqualTo(1);
            assertThat(slow.counters().throttled()).isEqualTo(1);
        }
    }

    @Test
    void whatIsHeldBackKeepsItsOrder() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(new RateLimit(0, 1000, 0));
            Vsa area = rig.area(vsic, 0, 4);
            Completions completions = new Completions();
            for (int i = 0; i < 20; i++) {
                vsic.write(area, 0, rig.buffer(1), 0, BLOCK, i);
            }
            for (int i = 0; i < 20; i++) {
                rig.settle(vsic, completions);
                assertThat(completions.seen).hasSize(i + 1);
                assertThat(completions.tags()).last().isEqualTo((long) i);
                assertThat(rig.controller.idleNanos()).isEqualTo(i < 19 ? 1_000_000 : Long.MAX_VALUE);
                rig.clock.advance(999_999);
                rig.settle(vsic, completions);
                assertThat(completions.seen).as("not a nanosecond early").hasSize(i + 1);
                rig.clock.advance(1);
            }
        }
    }

    @Test
    void refusedCommandsCostTheirShareToo() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(new RateLimit(0, 10, 0));
            Vsa area = rig.area(vsic, 0, 4);
            for (int i = 0; i < 5; i++) {
                vsic.read(area, -1, rig.buffer(1), 0, BLOCK, i);
            }
            Completions completions = new Completions();
            rig.settle(vsic, completions);
            assertThat(completions.seen).containsExactly(new Completions.Seen(0, Status.LBA_OUT_OF_RANGE));
        }
    }

    @Test
    void aLimitCanBeSetAndLiftedWhileCommandsWait() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(64);
            Vsa area = rig.area(vsic, 0, 4);
            assertThat(rig.flush(vsic, area)).isEqualTo(Status.SUCCESS);
            rig.controller.limit(vsic, new RateLimit(0, 1, 0));
            for (int i = 0; i < 10; i++) {
                vsic.flush(area, i);
            }
            Completions completions = new Completions();
            rig.settle(vsic, completions);
            assertThat(completions.seen).hasSize(1);
            rig.controller.limit(vsic, RateLimit.NONE);
            rig.settle(vsic, completions);
            assertThat(completions.seen).hasSize(10);
        }
    }

    @Test
    void limitsOutOfRangeAreRefusedWithTheirNumbers() {
        assertThatThrownBy(() -> new RateLimit(-1, 0, 0)).hasMessageContaining("-1");
        assertThatThrownBy(() -> new RateLimit(0, (1L << 40) + 1, 0)).hasMessageContaining("1099511627777");
        assertThatThrownBy(() -> new RateLimit(0, 0, 1_000_000_001)).hasMessageContaining("1000000001");
        assertThat(RateLimit.of(1, 2).burstNanos()).isEqualTo(10_000_000);
    }
}
