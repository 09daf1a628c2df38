package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NullMarked
class IdSetTest {
    private static final int CONTAINER = 1 << 16;

    record Range(int first, int last) {}

    @Provide
    Arbitrary<List<Range>> ranges() {
        Arbitrary<Integer> first = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 3 * CONTAINER),
                Arbitraries.integers().between(CONTAINER - 3, CONTAINER + 3));
        Arbitrary<Integer> more = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 3),
                Arbitraries.integers().between(1020, 1030),
                Arbitraries.integers().between(CONTAINER - 3, CONTAINER + 3),
                Arbitraries.integers().between(0, 3 * CONTAINER));
        return Combinators.combine(first, more)
                .as((f, m) -> new Range(f, f + m))
                .list()
                .ofMinSize(1)
                .ofMaxSize(6);
    }

    @Property(tries = 30)
    void holdsWhatWasAddedAndNothingElse(@ForAll("ranges") List<Range> ranges) {
        IdSet set = new IdSet();
        BitSet model = new BitSet();
        for (Range range : ranges) {
            set.addRange(range.first, range.last);
            model.set(range.first, range.last + 1);
        }
        for (int id = 0; id < 7 * CONTAINER; id++) {
            if (set.contains(id) != model.get(id)) {
                assertThat(set.contains(id)).as("id %d of %s", id, ranges).isEqualTo(model.get(id));
            }
        }
    }

    /** Takes milliseconds; with a step over a container for each range, minutes. */
    @Test
    @Timeout(60)
    void aHundredThousandShortRangesAreNoWork() {
        IdSet set = new IdSet();
        for (long first = 1; first < 300_000; first += 3) {
            set.addRange(first, first + 1);
        }
        assertThat(set.contains(299_998)).isTrue();
        assertThat(set.contains(3)).isFalse();
    }
}
