package io.sietch.crash.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashSubject;
import io.sietch.crash.CrashViolation;
import io.sietch.crash.Fault;
import io.sietch.crash.mutant.Edit;
import io.sietch.crash.mutant.Mutant;
import io.sietch.persistent.LogCore;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The crash tests of the log can fail: each mistake made in the real log is found. */
class LogMutantTest {
    private static final String CORE = "io.sietch.persistent.LogCore";
    private static final String OPENING = "io.sietch.persistent.LogOpening";
    private static final String RECOVERY = "io.sietch.persistent.LogRecovery";

    /** Each mutant with the workload that brings it out soonest. */
    static List<Arguments> mutants() {
        Edit readSubmitted = Edit.callInstead("written", "submitted");
        return List.of(
                arguments(
                        "equal",
                        Mutant.of("checksums hold for every epoch", RECOVERY, "extendChain", Edit.jump(false), 4)
                                .and(RECOVERY, "extendChain", Edit.jump(true), 5)
                                .and(RECOVERY, "extendChain", Edit.jump(true), 6)),
                arguments("equal", Mutant.of("the epoch is never raised", OPENING, "of", Edit.number(1L, 0L), 1)),
                arguments("equal", Mutant.of("a cut tail may be mended", RECOVERY, "extendChain", Edit.jump(true), 6)),
                arguments("tail", Mutant.of("bodies are not checked", RECOVERY, "extendChain", Edit.jump(true), 8)),
                arguments("stream", Mutant.of("a flush covers what is under way", CORE, "pollFlush", readSubmitted, 2)),
                arguments(
                        "tail",
                        Mutant.of("the flush goes out with the write", CORE, "pollFlush", readSubmitted, 1)
                                .and(CORE, "pollFlush", readSubmitted, 2)),
                arguments(
                        "tail",
                        Mutant.of(
                                "the watermark runs ahead",
                                CORE,
                                "poll",
                                Edit.readInstead("durable", "commitTarget"),
                                1)),
                arguments(
                        "mixed",
                        Mutant.of("opening does not flush what it read", OPENING, "of", Edit.skipCall("flush", 0), 1)),
                arguments(
                        "tail",
                        Mutant.of(
                                "all copies of the superblock are written at once",
                                "io.sietch.persistent.SuperblockStore",
                                "write",
                                Edit.skipCall("flush", 0),
                                1)),
                arguments(
                        "tight",
                        Mutant.of(
                                "segments are freed before the trim is durable",
                                CORE,
                                "freeSegments",
                                Edit.callInstead("trimmed", "head"),
                                1)));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void everyMutantIsFound(String workload, Mutant mutant) {
        Mutant.Loader loader = mutant.loader("io.sietch.persistent.", "io.sietch.crash.log.Log");
        long start = System.nanoTime();
        CrashViolation found = explore(mutant + ", " + workload, () -> subject(loader, workload));
        assertThat(loader.applied()).isEqualTo(mutant.changes().size());
        assertThat(found).as("violation of \"" + mutant + "\"").isNotNull();
        System.out.printf(
                "found in %.1f s: %s%n",
                (System.nanoTime() - start) / 1e9,
                String.valueOf(found).lines().limit(2).toList());
    }

    @SuppressWarnings("unchecked") // state and operation are of the mutant's world, and opaque here
    private static CrashSubject<Object, Object> subject(Mutant.Loader loader, String workload) {
        return (CrashSubject<Object, Object>)
                loader.make("io.sietch.crash.log.LogSubject", new Class<?>[] {String.class}, workload);
    }

    private static <S, O> @Nullable CrashViolation explore(String name, Supplier<CrashSubject<S, O>> subjects) {
        CrashPlan plan = LogCrashTest.plan(name).withLimits(100, 64, 8, 12);
        return catchThrowableOfType(CrashViolation.class, () -> new CrashExplorer<>(subjects, plan).explore());
    }

    @Test
    void anAcknowledgementOfWhatIsOnlyWrittenIsFound() {
        CrashViolation found =
                explore("early acknowledgement", () -> new LogSubject(LogWorkloads.MIXED, 64 << 10, LogCore::written));
        assertThat(found).isNotNull().hasMessageContaining("L2");
    }

    @Test
    void aDeviceThatIgnoresFlushesIsFound() {
        Fault lie = Fault.sticky(Fault.Call.FLUSH, 1).with(Fault.Effect.IGNORED);
        CrashViolation found = explore("flushes left out", () -> new LogSubject(LogWorkloads.MIXED).with(lie));
        assertThat(found).isNotNull();
    }
}
