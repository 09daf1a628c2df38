package io.sietch.crash.log;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashReport;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Locale;

/**
 * Measures how many crash states of the log one core executes in a second. Arguments: seconds for each workload, after
 * as many to warm up, and the names of workloads, or none for all.
 */
final class LogSpeed {
    private static final double NANOS = 1e9;

    private LogSpeed() {}

    /** See the class. */
    public static void main(String[] arguments) {
        double seconds = Double.parseDouble(arguments[0]);
        for (String workload : LogWorkloads.ALL.keySet().stream().sorted().toList()) {
            if (arguments.length == 1 || List.of(arguments).contains(workload)) {
                explore(workload, seconds);
                System.out.println(explore(workload, seconds));
            }
        }
    }

    private static String explore(String workload, double seconds) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        long states = 0;
        long distinct = 0;
        double spent = 0;
        for (long seed = 1; spent < seconds; seed++) {
            CrashReport report = new CrashExplorer<>(
                            () -> new LogSubject(workload),
                            LogCrashTest.plan("log, " + workload).withSeed(seed))
                    .explore();
            states += report.states();
            distinct += report.distinct();
            spent = (threads.getCurrentThreadCpuTime() - start) / NANOS;
        }
        return String.format(
                Locale.ROOT,
                "%-10s %,9.0f states, %,9.0f distinct in a second of processor time",
                workload,
                states / spent,
                distinct / spent);
    }
}
