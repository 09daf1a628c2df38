package io.sietch.bench.store;

import io.sietch.bench.report.LaneThreads;
import io.sietch.bench.store.Data.Choice;
import java.util.ArrayList;
import java.util.List;

/**
 * What is asked of a store that holds its entries.
 *
 * @param readPercent of the operations; the others put another value
 * @param choice of the keys
 */
record Workload(int readPercent, Choice choice, int threads) {
    static final Workload GET = new Workload(100, Choice.UNIFORM, 1);
    static final Workload GET_ZIPF_8 = new Workload(100, Choice.ZIPF, 8);

    /** How many threads put durably at the same time. */
    static final List<LaneThreads> DURABLE_THREADS = List.of(
            LaneThreads.platform(1), LaneThreads.platform(8), LaneThreads.platform(64), LaneThreads.virtual(64));

    /** The read and mixed ones, those that share code after one another. */
    static List<Workload> all() {
        List<Workload> all = new ArrayList<>();
        for (int readPercent : List.of(100, 95, 50)) {
            for (Choice choice : Choice.values()) {
                for (int threads : List.of(1, 8)) {
                    all.add(new Workload(readPercent, choice, threads));
                }
            }
        }
        return all;
    }

    String title() {
        String mix = readPercent == 100 ? "get" : readPercent + " % get, " + (100 - readPercent) + " % put";
        return mix + ", " + choice.title() + ", " + threads(threads);
    }

    static String load(int threads) {
        return "load, " + threads(threads);
    }

    static String durable(int threads) {
        return durable(LaneThreads.platform(threads));
    }

    static String durable(LaneThreads threads) {
        return "put durable, " + threads.title();
    }

    private static String threads(int threads) {
        return LaneThreads.platform(threads).title();
    }
}
