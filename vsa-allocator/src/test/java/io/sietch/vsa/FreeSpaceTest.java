package io.sietch.vsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FreeSpaceTest {
    private static final int RESERVED = Catalogue.reservedUnits(Device.UNIT);

    private static FreeSpace space(int units) {
        return FreeSpace.of(Catalogue.empty(Device.UNIT, RESERVED + units));
    }

    /** Free space of 64 units from which those were taken that are false. */
    private static FreeSpace space(List<Boolean> free) {
        FreeSpace space = space(free.size());
        for (int i = 0; i < free.size(); i++) {
            if (!free.get(i)) {
                space.take(List.of(run(i, 1)));
            }
        }
        return space;
    }

    private static Run run(int start, int count) {
        return new Run(RESERVED + start, count);
    }

    @Test
    void an_area_goes_where_it_fits_best() {
        FreeSpace space = space(20);
        space.take(List.of(run(8, 1), run(12, 1)));
        assertThat(space.runs()).containsExactly(run(0, 8), run(9, 3), run(13, 7));
        assertThat(space.plan(3, 1, FreeSpace.NO_NEIGHBOUR)).containsExactly(run(9, 3));
        assertThat(space.plan(2, 1, FreeSpace.NO_NEIGHBOUR)).containsExactly(run(9, 2));
        assertThat(space.plan(4, 1, FreeSpace.NO_NEIGHBOUR)).containsExactly(run(13, 4));
        assertThat(space.plan(10, 1, FreeSpace.NO_NEIGHBOUR)).containsExactly(run(0, 8), run(9, 2));
        assertThat(space.plan(18, 1, FreeSpace.NO_NEIGHBOUR)).containsExactly(run(0, 8), run(13, 7), run(9, 3));
        assertThat(space.plan(19, 1, FreeSpace.NO_NEIGHBOUR)).isNull();
    }

    @Test
    void growing_begins_at_the_neighbour() {
        FreeSpace space = space(20);
        space.take(List.of(run(8, 1), run(12, 1)));
        assertThat(space.plan(2, 1, RESERVED + 13)).containsExactly(run(13, 2));
        assertThat(space.plan(9, 1, RESERVED + 13)).containsExactly(run(13, 7), run(9, 2));
        assertThat(space.plan(2, 1, RESERVED + 12)).as("taken").containsExactly(run(9, 2));
        assertThat(space.plan(4, 4, RESERVED + 9)).as("too short").containsExactly(run(13, 4));
    }

    @Test
    void pieces_are_multiples_of_the_granule() {
        FreeSpace space = space(20);
        space.take(List.of(run(8, 1), run(12, 1)));
        assertThat(space.units(4)).isEqualTo(12);
        assertThat(space.plan(12, 4, FreeSpace.NO_NEIGHBOUR)).containsExactly(run(0, 8), run(13, 4));
        assertThat(space.plan(16, 4, FreeSpace.NO_NEIGHBOUR)).isNull();
    }

    @Test
    void taking_and_giving_twice_is_refused() {
        FreeSpace space = space(20);
        space.take(List.of(run(4, 4)));
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> space.take(List.of(run(7, 2))));
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> space.give(List.of(run(7, 2))));
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> space.give(List.of(run(20, 1))));
        space.give(List.of(run(4, 4)));
        assertThat(space.runs()).containsExactly(run(0, 20));
    }

    @Property(tries = 500)
    void there_is_room_exactly_as_long_as_pieces_of_a_granule_suffice(
            @ForAll @Size(64) List<Boolean> free,
            @ForAll @IntRange(min = 1, max = 5) int granule,
            @ForAll @IntRange(min = 1, max = 40) int granules,
            @ForAll @IntRange(max = 63) int neighbour) {
        FreeSpace space = space(free);
        long available = 0;
        long longest = 0;
        for (int i = 0, run = 0; i <= free.size(); i++) {
            if (i < free.size() && free.get(i)) {
                run++;
            } else {
                available += run / granule * granule;
                longest = Math.max(longest, run);
                run = 0;
            }
        }
        assertThat(space.units(granule)).isEqualTo(available);
        long need = (long) granules * granule;
        List<Run> plan = space.plan(need, granule, RESERVED + neighbour);
        assertThat(plan != null).isEqualTo(need <= available);
        if (plan != null) {
            assertThat(plan).allSatisfy(run -> assertThat(run.count() % granule).isZero());
            assertThat(plan.stream().mapToLong(Run::count).sum()).isEqualTo(need);
            assertThat(space.plan(need, granule, FreeSpace.NO_NEIGHBOUR))
                    .as("in one piece if it fits")
                    .hasSizeGreaterThanOrEqualTo(1)
                    .satisfies(p -> assertThat(p.size() == 1 || need > longest(space, granule))
                            .isTrue());
            space.take(plan); // refuses what is not free
            assertThat(space.units() + need)
                    .isEqualTo(free.stream().filter(f -> f).count());
        }
        assertThat(space.unitsFor(need, granule)).isGreaterThanOrEqualTo(RESERVED + free.size());
    }

    private static long longest(FreeSpace space, int granule) {
        return space.runs().stream()
                .mapToLong(run -> run.count() / granule * granule)
                .max()
                .orElse(0);
    }

    @Property(tries = 300)
    void growing_by_what_is_asked_for_is_enough_and_one_unit_less_is_not(
            @ForAll @Size(32) List<Boolean> free,
            @ForAll @IntRange(min = 1, max = 5) int granule,
            @ForAll @IntRange(min = 1, max = 40) int granules) {
        FreeSpace space = space(free);
        long need = (long) granules * granule;
        int units = (int) space.unitsFor(need, granule);
        int before = RESERVED + free.size();
        FreeSpace less = space(free);
        if (units > before + 1) {
            less.grow(units - 1);
        }
        if (units > before) {
            assertThat(less.plan(need, granule, FreeSpace.NO_NEIGHBOUR)).isNull();
            space.grow(units);
        }
        assertThat(space.plan(need, granule, FreeSpace.NO_NEIGHBOUR)).isNotNull();
    }

    @Property(tries = 200)
    void free_space_is_what_the_catalogue_leaves_over(@ForAll @Size(64) List<Boolean> free) {
        List<Run> taken = new ArrayList<>();
        for (int i = 0; i < free.size(); i++) {
            if (!free.get(i)) {
                taken.add(run(i, 1));
            }
        }
        Catalogue catalogue = Catalogue.empty(Device.UNIT, RESERVED + free.size());
        if (!taken.isEmpty()) {
            catalogue = catalogue.with(
                    new Area(1, "a", "o", 1, io.sietch.vsic.RateLimit.NONE, Area.merge(List.of(), taken)));
        }
        assertThat(FreeSpace.of(catalogue).runs()).isEqualTo(space(free).runs());
    }
}
