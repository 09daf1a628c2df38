package io.sietch.crash;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeviationsTest {
    /** Two thousand unflushed sectors with two versions each, at a thousand crash points. */
    @Test
    void imagesWithoutNumberCanBeAdded() {
        double sum = 0;
        for (int i = 0; i < 1000; i++) {
            Deviations deviations = Deviations.of(Choices.NEWEST);
            for (int sector = 0; sector < 2000; sector++) {
                deviations.choose(Decision.VERSION, sector, 2);
            }
            sum += deviations.represented();
        }
        assertThat(sum).isFinite().isGreaterThan(1e200);
    }
}
