package io.sietch.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void theMedianIsTheMiddleOfTheRoundsWhateverTheirOrder() {
        assertThat(new Samples(9, 1, 5).median()).isEqualTo(5);
        assertThat(new Samples(8, 2, 4, 6).median()).isEqualTo(5);
    }

    @Test
    void aRoundWithoutAValueDoesNotCount() {
        assertThat(new Samples(Double.NaN, 3, 1, 2).median()).isEqualTo(2);
        assertThat(new Samples(Double.NaN).median()).isNaN();
        assertThat(new Samples().median()).isNaN();
    }

    @Test
    void ratiosAreFormedRoundByRound() {
        // The machine was half as fast in the second round, for both: the ratio stays 2, though the medians' ratio is
        // not.
        Samples fast = new Samples(200, 100, 220);
        Samples slow = new Samples(100, 50, 20);
        assertThat(fast.dividedBy(slow).rounds()).containsExactly(2, 2, 11);
        assertThat(fast.dividedBy(slow).median()).isEqualTo(2);
        assertThat(fast.median() / slow.median()).isEqualTo(4);
    }

    @Test
    void aRoundThatEitherLacksGivesNoRatio() {
        Samples ratios = new Samples(1, Double.NaN, 4).dividedBy(new Samples(0, 2, 2));
        assertThat(ratios.rounds()).containsExactly(Double.NaN, Double.NaN, 2);
        assertThat(ratios.median()).isEqualTo(2);
    }

    @Test
    void theSpreadSaysHowFarTheRoundsAreFromTheMedian() {
        assertThat(new Samples(90, 100, 120).spread()).isEqualTo("-10..+20 %");
        assertThat(new Samples(90).spread()).isEmpty();
        assertThat(new Samples().spread()).isEmpty();
    }
}
