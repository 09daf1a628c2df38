package io.sietch.crash;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Prints, when all tests are over, how many crash states they executed. What was explored in code with a mistake made
 * on purpose is in no total, even if a workload did not show the mistake.
 */
public final class TotalsListener implements TestExecutionListener {
    /** Some tests run tests: only the outermost run counts. Tests run on one thread. */
    private static int running;

    private CrashTotals before = CrashTotals.NONE;
    private CrashTotals total = CrashTotals.NONE;

    /** For JUnit. */
    public TotalsListener() {}

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        running++;
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        if (running == 1 && test.isTest()) {
            before = CrashTotals.now();
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (running == 1 && test.isTest() && !isOfMistakes(test)) {
            total = total.plus(CrashTotals.now().minus(before));
        }
    }

    private static boolean isOfMistakes(TestIdentifier test) {
        return test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> ((MethodSource) source).getClassName())
                .filter(name -> name.contains(".mutant.") || name.contains(".history."))
                .isPresent();
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        running--;
        if (running == 0 && total.explorations() > 0) {
            System.out.println("crash tests: " + total);
        }
    }
}
