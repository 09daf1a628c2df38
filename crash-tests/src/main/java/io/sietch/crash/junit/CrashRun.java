package io.sietch.crash.junit;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashSubject;
import io.sietch.crash.CrashViolation;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** What a {@link CrashTest} explores with. */
public final class CrashRun {
    private final CrashPlan plan;

    CrashRun(CrashPlan plan) {
        this.plan = plan;
    }

    /** The plan as the annotation has it. */
    public CrashPlan plan() {
        return plan;
    }

    /** The same with a plan that is changed: another model, latency, more points. */
    public CrashRun with(UnaryOperator<CrashPlan> change) {
        return new CrashRun(change.apply(plan));
    }

    /**
     * Explores all that the plan says and prints what that was; or, given {@link CrashPlan#TOKEN_PROPERTY}, does again
     * what the token says and nothing else.
     *
     * @param subjects makes a new subject for each life
     * @throws CrashViolation if the subject broke a promise
     */
    public <S, O> void explore(Supplier<? extends CrashSubject<S, O>> subjects) {
        CrashExplorer<S, O> explorer = new CrashExplorer<>(subjects, plan);
        String token = System.getProperty(CrashPlan.TOKEN_PROPERTY, "");
        try {
            if (token.isEmpty()) {
                System.out.println(explorer.explore());
            } else {
                explorer.replay(token);
                System.out.println(plan.name() + ": nothing is broken at \"" + token + "\"");
            }
        } catch (CrashViolation violation) {
            throw violation.with("  again: mvn test -Dtest=" + plan.name() + " '-D" + CrashPlan.TOKEN_PROPERTY + "="
                    + violation.token() + "'\n  the whole run: -D" + CrashPlan.SEED_PROPERTY + "=" + plan.seed());
        }
    }
}
