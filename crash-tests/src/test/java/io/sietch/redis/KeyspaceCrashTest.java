package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashGeometry;
import io.sietch.crash.CrashModel;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashReport;
import io.sietch.crash.CrashViolation;
import io.sietch.crash.FaultExplorer;
import io.sietch.crash.FaultReport;
import io.sietch.crash.RotExplorer;
import io.sietch.crash.torture.Prey;
import io.sietch.vsic.LatencyModel;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** What redis-lite acknowledged is there after a power loss, and nothing that was not written (R1 to R5). */
@NullMarked
class KeyspaceCrashTest {
    private static final List<String> EVERYTHING = List.of(
            "SET a 1",
            "MSET a 2 b 2 c 2",
            "GET a",
            "!",
            "INCR n",
            "INCR n",
            "GET n",
            "DEL a",
            "GET a",
            "SET t soon PX 1000",
            "SET u later PX 100000000",
            "!",
            "APPEND b life%",
            "RENAME b d",
            "~",
            "^",
            "GET t",
            "PERSIST u",
            "INCR n",
            "!",
            "FLUSHALL",
            "SET last life%");

    private static CrashPlan plan(String name) {
        return CrashPlan.of(name, CrashGeometry.of(128 << 10))
                .withLatency(new LatencyModel(0, 1000, 5000))
                .withLazyViews();
    }

    private static CrashReport explore(CrashPlan plan, List<String> lines) {
        return new CrashExplorer<>(() -> new KeyspaceSubject(lines, KeyspaceSubject.Reads.WAIT), plan).explore();
    }

    @Test
    void whatWasAcknowledgedSurvivesEveryPowerLoss() {
        CrashReport report = explore(plan("keyspace"), EVERYTHING);
        System.out.println(report);
        assertThat(report.states()).isGreaterThan(1000);
    }

    @Test
    void whatWasAcknowledgedSurvivesTornSectorsAndGarbage() {
        CrashReport report = explore(
                plan("keyspace, garbage").withModel(CrashModel.GARBAGE_SECTORS).withLimits(100, 8, 1, 1), EVERYTHING);
        System.out.println(report);
        assertThat(report.states()).isGreaterThan(1000);
    }

    /** On a medium with blocks as small as cache lines. */
    @Test
    void whatWasAcknowledgedSurvivesOnMemoryToo() {
        CrashPlan plan = CrashPlan.of("keyspace, lines", new CrashGeometry(128 << 10, 128 << 10, 64, 64))
                .withLatency(new LatencyModel(0, 1000, 5000))
                .withModel(CrashModel.GARBAGE_SECTORS)
                .withLazyViews()
                .withLimits(60, 8, 1, 1);
        CrashReport report = explore(plan, EVERYTHING);
        System.out.println(report);
        assertThat(report.states()).isGreaterThan(1000);
    }

    /** Nobody asked for it, and so nobody but the loop makes it durable. */
    @Test
    void anExpiryBecomesDurableOfItself() {
        CrashReport report = explore(plan("keyspace, expiry"), List.of("SET t 1 PX 1500", "~", "!", "GET t"));
        assertThat(report.states()).isPositive();
    }

    /** Values of a third of a segment, so that segments are cleaned and used again within the workload. */
    @Test
    void whatIsAliveSurvivesEveryPowerLossWhileSegmentsAreCleaned() {
        List<String> lines =
                new ArrayList<>(List.of("+", "MSET a 1 b 2 c 3", "SET t later PX 100000000", "APPEND b x"));
        for (int i = 0; i < 24; i++) {
            lines.add("SET filler life%-" + i + "x".repeat(20_000));
            lines.add("SET n " + i);
            lines.add("!");
        }
        CrashPlan plan = CrashPlan.of("keyspace, cleaning", CrashGeometry.of(10 * (64 << 10)))
                .withLatency(new LatencyModel(0, 1000, 5000))
                .withLazyViews()
                .withLimits(100, 8, 1, 1);
        CrashReport report = explore(plan, lines);
        System.out.println(report);
        assertThat(report.states()).isGreaterThan(1000);
    }

    /** Each kind of change comes before, while and after the index is copied, and the copy is cleaned away, too. */
    @Test
    void whatIsAliveSurvivesEveryPowerLossWhileTheIndexIsCopied() {
        List<String> lines = new ArrayList<>(List.of(
                "+",
                "&",
                "MSET a 1 b 2 c 3",
                "SET t later PX 100000000",
                "SET s " + "y".repeat(600),
                "SET gone 1",
                "SET soon 1 PX 3000"));
        for (int i = 0; i < 14; i++) {
            lines.add("SET filler life%-" + i + "x".repeat(20_000));
            lines.add("APPEND s " + i + "z".repeat(520));
            lines.add("PEXPIREAT " + (i % 2 == 0 ? "c " : "s ") + (1_800_000_000_000L + i));
            lines.add(i % 3 == 0 ? "PERSIST s" : "INCR n");
            lines.add(i % 5 == 2 ? "DEL gone" : "SET gone " + i + " PX 90000000");
            lines.add(i == 9 ? "FLUSHALL" : "RENAME a a");
            lines.add(i % 4 == 0 ? "~" : "!");
        }
        CrashPlan plan = CrashPlan.of("keyspace, checkpoints", CrashGeometry.of(16 * (64 << 10)))
                .withLatency(new LatencyModel(0, 1000, 5000))
                .withLazyViews()
                .withLimits(20, 8, 1, 1);
        CrashReport report = explore(plan, lines);
        System.out.println(report);
        assertThat(report.states()).isGreaterThan(500);
    }

    @Property(tries = 4)
    void randomRequestsSurviveWhileTheIndexIsCopied(@ForAll("workloads") List<String> lines, @ForAll long seed) {
        List<String> all = new ArrayList<>(List.of("&"));
        for (String line : lines) {
            all.add("SET filler " + "x".repeat(2000));
            all.add(line);
        }
        CrashReport report =
                explore(plan("keyspace, checkpoints, random").withSeed(seed).withLimits(12, 8, 1, 2), all);
        assertThat(report.states()).isPositive();
    }

    @Provide
    Arbitrary<List<String>> workloads() {
        Arbitrary<String> line = Arbitraries.of(
                "SET a 1",
                "SET a 2",
                "SET b life%",
                "MSET a 3 b 3 n 3",
                "DEL a b",
                "DEL n",
                "INCR n",
                "INCR n",
                "APPEND b x",
                "GET a",
                "GET b",
                "GET n",
                "SET t 1 PX 1500",
                "GET t",
                "PERSIST t",
                "FLUSHALL",
                "!",
                "!",
                "~");
        return line.list().ofMinSize(1).ofMaxSize(16);
    }

    @Property(tries = 15)
    void randomRequestsSurvive(@ForAll("workloads") List<String> lines, @ForAll long seed) {
        CrashReport report = explore(plan("keyspace, random").withSeed(seed).withLimits(20, 16, 2, 3), lines);
        assertThat(report.states()).isPositive();
    }

    @Test
    void aReadThatDoesNotWaitForTheWriteItSawIsFound() {
        CrashViolation found = catchThrowableOfType(
                CrashViolation.class,
                () -> new CrashExplorer<>(
                                () -> new KeyspaceSubject(EVERYTHING, KeyspaceSubject.Reads.DO_NOT_WAIT),
                                plan("keyspace, early reads"))
                        .explore());
        assertThat(found).isNotNull();
    }

    @Test
    void everyCallMayFailOnceOrFromThenOn() {
        FaultReport report = new FaultExplorer<>(
                        () -> new KeyspaceSubject("SET a 1;!;SET b 2;!;INCR a;^;GET b;!"),
                        Prey.KEYSPACE.plan("keyspace, faults"))
                .explore();
        System.out.println(report);
        assertThat(report.faults()).isGreaterThan(100);
    }

    @Test
    void aFlippedBitIsNoticedOrHarmless() {
        FaultReport report = new RotExplorer<>(
                        () -> new KeyspaceSubject("SET a 1;!;SET b 2;!;INCR a;^;GET b;!"),
                        Prey.KEYSPACE.plan("keyspace, flipped bits"))
                .someBits(0, 64 << 10, 2000);
        System.out.println(report);
        assertThat(report.refused()).isPositive();
    }
}
