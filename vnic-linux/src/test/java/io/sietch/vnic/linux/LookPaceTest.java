package io.sietch.vnic.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When to look again, in virtual time. */
class LookPaceTest {
    private long now = 1_000_000;
    private final LookPace pace = new LookPace(() -> now, 64, 1_000);

    private void assertDueAfter(long nanos) {
        if (nanos > 0) {
            assertThat(pace.isDue()).isFalse();
            now += nanos - 1;
            assertThat(pace.isDue()).isFalse();
            now++;
        }
        assertThat(pace.isDue()).isTrue();
        assertThat(pace.isDue()).isTrue();
    }

    @Test
    void whoeverSentOneFrameMayWaitForTheAnswer() {
        pace.looked(1);
        assertThat(pace.isStream()).isFalse();
        assertDueAfter(0);
        // It has to get there and be made use of.
        for (int i = 0; i < 20; i++) {
            now += 1_000;
            pace.looked(0);
            assertDueAfter(0);
        }
        now++;
        pace.looked(0);
        assertDueAfter(1_000);
        pace.looked(1);
        assertDueAfter(0);
    }

    @Test
    void aStreamIsTakenInBatchesAndNotKeptWaitingForLong() {
        pace.looked(2);
        assertThat(pace.isStream()).isTrue();
        assertDueAfter(256);
        pace.looked(5);
        assertDueAfter(1_600);
        pace.looked(13);
        assertDueAfter(10_816);
        pace.looked(14);
        assertDueAfter(12_000);
        pace.looked(1_000_000);
        assertDueAfter(12_000);
    }

    @Test
    void aStreamWithAGapIsAStream() {
        pace.looked(2);
        assertDueAfter(256);
        pace.looked(0);
        assertThat(pace.isStream()).isTrue();
        assertDueAfter(LookPace.GAP_NANOS);
        pace.looked(1);
        assertThat(pace.isStream()).isFalse();
        pace.looked(0);
        assertDueAfter(0);
    }
}
