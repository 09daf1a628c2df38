package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RamMediaTest extends MediaContract {
    @Override
    Media create() {
        return new RamMedia(BLOCKS * BLOCK, MAX_BLOCKS * BLOCK, BLOCK, LatencyModel.NONE);
    }

    @Override
    long tooMuch() {
        return (MAX_BLOCKS + 1) * BLOCK;
    }

    @Test
    void itCarriesItsLatencyModelAndNeverBlocksInAFlush() {
        LatencyModel model = new LatencyModel(1, 2, 3);
        try (RamMedia media = new RamMedia(BLOCK, BLOCK, BLOCK, model)) {
            assertThat(media.characteristics()).isEqualTo(new MediaCharacteristics("memory", false, model));
        }
    }

    @Test
    void sizesThatAreNoBlocksAreRefused() {
        long[][] wrong = {{0, 1, 1}, {BLOCK + 1, 2 * BLOCK, BLOCK}, {BLOCK, 0, BLOCK}, {BLOCK, BLOCK, 1000}, {-1, 1, 1}
        };
        for (long[] sizes : wrong) {
            assertThatThrownBy(() -> new RamMedia(sizes[0], sizes[1], (int) sizes[2], LatencyModel.NONE).close())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(String.valueOf(sizes[0]));
        }
    }
}
