package io.sietch.bench.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.bench.store.Data.Choice;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DataTest {
    @Test
    void keysDifferAndAValueIsKnownByItsKeysNumber() {
        Data data = new Data(1000, 100);
        Set<String> keys = new HashSet<>();
        byte[] key = new byte[Data.KEY_BYTES];
        byte[] value = new byte[100];
        for (int number = 0; number < 1000; number++) {
            Data.key(number, key);
            keys.add(Arrays.toString(key));
            Data.value(number, number, value);
            assertThat(data.isValue(number, value)).isTrue();
            assertThat(data.isValue(number + 1, value)).isFalse();
        }
        assertThat(keys).hasSize(1000);
    }

    @Test
    void zipfAsksForTheFirstMostAndForNothingBeyond() {
        int[] drawn = new Data(1000, 8).draw(Choice.ZIPF, 1);
        assertThat(Arrays.stream(drawn).min()).hasValue(0);
        assertThat(Arrays.stream(drawn).max().orElseThrow()).isLessThan(1000);
        long first = Arrays.stream(drawn).filter(number -> number == 0).count();
        assertThat((double) first / drawn.length).isBetween(0.10, 0.16);
    }

    @Test
    void setsAreEntriesTimesBytes() {
        assertThat(Data.parse("1000000x100")).isEqualTo(new Data(1_000_000, 100));
        assertThatThrownBy(() -> Data.parse("many")).hasMessageContaining("\"many\" is not entries x bytes");
        assertThatThrownBy(() -> Data.parse("10xlong")).hasMessageContaining("\"10xlong\"");
    }
}
