package io.sietch.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.sietch.crash.torture.Prey;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation of the control plane is atomic across power losses, and final when it has returned. */
class ControlPlaneCrashTest {
    private static CrashPlan plan(String name) {
        return Prey.CONTROL_PLANE.plan(name);
    }

    private static CrashReport explore(CrashPlan plan, List<String> lines) {
        return new CrashExplorer<>(() -> new ControlPlaneSubject(lines), plan).explore();
    }

    @Test
    void everySequenceOfTwoOperationsIsAtomic() {
        List<String> operations = ControlPlaneSubject.operations();
        long states = 0;
        for (String first : operations) {
            for (String second : operations) {
                List<String> lines = new ArrayList<>(List.of("create a 2"));
                lines.add(first);
                lines.add(second);
                states += explore(plan("control plane " + lines).withLimits(6, 6, 0, 1), lines)
                        .states();
            }
        }
        System.out.println("control plane: " + states + " states of " + operations.size() * operations.size()
                + " sequences, 0 violations, seed " + plan("").seed());
        assertThat(states).isGreaterThan(1000);
    }

    @Test
    void garbageInWhatWasBeingWrittenDoesNoHarm() {
        List<String> lines = List.of("create a 2", "create b 3", "resize a 5", "rename b c", "delete a", "create d 9");
        CrashReport report = explore(
                plan("control plane, garbage")
                        .withModel(CrashModel.GARBAGE_SECTORS)
                        .withLimits(50, 8, 1, 2),
                lines);
        System.out.println(report);
        assertThat(report.states()).isGreaterThan(1000);
    }

    /**
     * Copies torn behind the sequence hold the rest of a commit. A repair under the sequence of that commit, torn at
     * the same word, would bring it back: in the first case alone, in the second beside a copy that was repaired.
     */
    @ParameterizedTest
    @ValueSource(strings = {"7:d0=2,x0=2/2:d0=1,x0=2", "8:d0=2,x0=2,d512=2,x512=2/4:d512=1,x512=2"})
    void aRepairDoesNotCompleteWhatWasTorn(String token) {
        long size = ControlPlaneSubject.SIZE;
        CrashPlan plan = plan("control plane, torn twice")
                .withGeometry(new CrashGeometry(size, size, 512, 512))
                .withModel(CrashModel.WORDS);
        assertThatCode(() -> new CrashExplorer<>(() -> new ControlPlaneSubject("create a 1"), plan).replay(token))
                .doesNotThrowAnyException();
    }

    @Provide
    Arbitrary<List<String>> workloads() {
        return Arbitraries.of(ControlPlaneSubject.operations())
                .list()
                .ofMinSize(3)
                .ofMaxSize(10);
    }

    @Property(tries = 10)
    void randomSequencesAreAtomic(@ForAll("workloads") List<String> lines, @ForAll long seed) {
        CrashReport report =
                explore(plan("control plane, random").withSeed(seed).withLimits(20, 8, 1, 2), lines);
        assertThat(report.states()).isPositive();
    }

    @Test
    void everyCallMayFailOnceOrFromThenOn() {
        List<String> lines = List.of("create a 2", "resize a 5", "delete a", "create b 20", "rename b c");
        FaultReport report =
                new FaultExplorer<>(() -> new ControlPlaneSubject(lines), plan("control plane, faults")).explore();
        System.out.println(report);
        assertThat(report.faults()).isGreaterThan(100);
    }

    @Test
    void aFlippedBitOfTheCatalogueIsHarmless() {
        List<String> lines = List.of("create a 2", "create b 3");
        FaultReport report = new RotExplorer<>(() -> new ControlPlaneSubject(lines), plan("catalogue, flipped bits"))
                .someBits(0, 1 << 20, 4000);
        System.out.println(report);
        assertThat(report.refused()).as("refusals: three copies are left").isZero();
    }
}
