package io.sietch.vsa;

import io.sietch.vsic.RateLimit;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** What the properties do to a device. Names and owners are few, so that operations meet. */
sealed interface Operation {
    record Create(String name, int granules, int granule, String owner) implements Operation {}

    record Resize(String name, int granules) implements Operation {}

    record Rename(String from, String to) implements Operation {}

    record Delete(String name) implements Operation {}

    record Quota(String owner, long units) implements Operation {}

    record Limit(String name, RateLimit limit) implements Operation {}

    /** Fills one unit and flushes. */
    record Write(String name, int unit, int value) implements Operation {}

    record Reopen() implements Operation {}

    List<String> OWNERS = List.of("alice", "bob");

    static Arbitrary<List<Operation>> lists(int max) {
        Arbitrary<String> names = Arbitraries.of("a", "b", "c", "d", "e");
        Arbitrary<String> owners = Arbitraries.of(OWNERS);
        Arbitrary<Integer> granules = Arbitraries.integers().between(1, 9);
        Arbitrary<Operation> create = Combinators.combine(
                        names, granules, Arbitraries.integers().between(1, 3), owners)
                .as(Create::new);
        Arbitrary<Operation> resize = Combinators.combine(names, granules).as(Resize::new);
        Arbitrary<Operation> rename = Combinators.combine(names, names).as(Rename::new);
        Arbitrary<Operation> delete = names.map(Delete::new);
        Arbitrary<Operation> quota = Combinators.combine(
                        owners, Arbitraries.of(0L, 8L, 20L, ControlPlane.NO_QUOTA / Device.UNIT))
                .as(Quota::new);
        Arbitrary<Operation> limit = Combinators.combine(
                        names, Arbitraries.of(RateLimit.NONE, RateLimit.of(1L << 40, 1L << 40)))
                .as(Limit::new);
        Arbitrary<Operation> write = Combinators.combine(
                        names,
                        Arbitraries.integers().between(0, 26),
                        Arbitraries.integers().between(1, 255))
                .as(Write::new);
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(6, create),
                        net.jqwik.api.Tuple.of(6, resize),
                        net.jqwik.api.Tuple.of(2, rename),
                        net.jqwik.api.Tuple.of(4, delete),
                        net.jqwik.api.Tuple.of(1, quota),
                        net.jqwik.api.Tuple.of(1, limit),
                        net.jqwik.api.Tuple.of(10, write),
                        net.jqwik.api.Tuple.of(2, Arbitraries.create(Reopen::new)))
                .list()
                .ofMaxSize(max);
    }
}
