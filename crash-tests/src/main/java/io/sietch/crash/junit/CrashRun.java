package io.sietch.crash.junit;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashGeometry;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashSubject;
import io.sietch.crash.CrashViolation;
import io.sietch.crash.file.CrashFiles;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** What a {@link CrashTest} explores with, or a {@link io.sietch.crash.jqwik.CrashProperty}. */
public final class CrashRun {
    private final CrashPlan plan;
    private final boolean silent;

    private CrashRun(CrashPlan plan, boolean silent) {
        this.plan = plan;
        this.silent = silent;
    }

    /**
     * As an annotation says it.
     *
     * @param name of the test
     * @param bytes the size of the medium, a multiple of 4096
     * @param files whether the medium is to hold files
     */
    public static CrashRun of(String name, long bytes, boolean files) {
        CrashGeometry geometry = files ? CrashFiles.geometry(bytes) : CrashGeometry.of(bytes);
        CrashPlan plan = CrashPlan.of(name, geometry);
        return new CrashRun(files ? plan.withLazyViews() : plan, false);
    }

    /** The plan as the annotation has it. */
    public CrashPlan plan() {
        return plan;
    }

    /** The same with a plan that is changed: another model, latency, more points. */
    public CrashRun with(UnaryOperator<CrashPlan> change) {
        return new CrashRun(change.apply(plan), silent);
    }

    /** The same without a word as long as nothing is broken: for many runs in a row. */
    public CrashRun silent() {
        return new CrashRun(plan, true);
    }

    /**
     * Explores all that the plan says and prints what that was; or, given {@link CrashPlan#TOKEN_PROPERTY}, does again
     * what the token says and nothing else.
     *
     * @param subjects makes a new subject for each life
     * @throws CrashViolation if the subject broke a promise
     */
    public <S, O> void explore(Supplier<? extends CrashSubject<S, O>> subjects) {
        run(new CrashExplorer<>(subjects, plan));
    }

    /**
     * The same with a subject that works through a list: of a failure those operations are told that are needed for it.
     *
     * @param subjects makes a new subject for each life, of the list or of a part of it
     * @throws CrashViolation if the subject broke a promise
     */
    public <W, S, O> void explore(List<W> operations, Function<List<W>, ? extends CrashSubject<S, O>> subjects) {
        run(CrashExplorer.of(operations, subjects, plan));
    }

    private void tell(String words) {
        if (!silent) {
            System.out.println(words);
        }
    }

    private void run(CrashExplorer<?, ?> explorer) {
        String token = System.getProperty(CrashPlan.TOKEN_PROPERTY, "");
        try {
            if (token.isEmpty()) {
                tell(explorer.explore().toString());
            } else {
                explorer.replay(token);
                tell(plan.name() + ": nothing is broken at \"" + token + "\"");
            }
        } catch (CrashViolation violation) {
            throw violation.with("  again: mvn test -Dtest=" + plan.name() + " '-D" + CrashPlan.TOKEN_PROPERTY + "="
                    + violation.token() + "'\n  the whole run: -D" + CrashPlan.SEED_PROPERTY + "=" + plan.seed()
                    + "\n  as a test of its own:\n\n" + violation.junitTest().stripTrailing());
        }
    }
}
