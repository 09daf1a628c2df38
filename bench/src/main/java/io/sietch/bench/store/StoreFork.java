package io.sietch.bench.store;

import io.sietch.bench.report.Children;
import io.sietch.bench.report.LaneThreads;
import io.sietch.bench.report.Lanes;
import io.sietch.bench.report.Lanes.Outcome;
import io.sietch.bench.store.Store.Promise;
import io.sietch.bench.store.Store.Setup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** The measuring JVM: one store, one set of entries. Prints figures one a line: the case, the metric, the value. */
public final class StoreFork {
    /** The line after which it goes on putting until it is killed. */
    static final String READY = "ready to be killed";

    static final String RATE = "ops/s";
    static final String P50 = "p50 us";
    static final String P99 = "p99 us";
    static final String P9999 = "p99.99 us";
    static final String MAX = "max us";
    static final String LOADED = "loaded";
    static final String OWN_BYTES = "own memory B/entry";
    static final String DISK_BYTES = "disk B/entry";
    static final String OPEN_MS = "open ms";

    static final String AFTER_LOAD = "after loading";
    static final String AFTER_CHURN = "after churn";
    static final String GROWTH = "paced puts of new keys";
    static final String CLEANING = "paced puts of keys that are there";
    static final String REOPEN = "open after kill -9";

    private static final double PACE = 20_000;
    static final String FIELDS = "\t";

    private final StoreKind kind;
    private final Path directory;
    private final Data data;
    private final double loadSeconds;
    private final double warmup;
    private final double seconds;

    private StoreFork(String... args) {
        this.kind = StoreKind.valueOf(args[1]);
        this.directory = Path.of(args[2]);
        this.data = new Data(Long.parseLong(args[3]), Integer.parseInt(args[4]));
        this.loadSeconds = Double.parseDouble(args[5]);
        this.warmup = Double.parseDouble(args[6]);
        this.seconds = Double.parseDouble(args[7]);
    }

    /** What a fork is to do. */
    enum Part {
        /** Load, workloads, churn, paced puts; then puts until it is killed. */
        SERVE,
        /** Open what was killed. */
        OPEN,
        /** Load with eight threads. */
        LOAD,
        /** Durable puts; the threads are one more argument. */
        DURABLE
    }

    /**
     * @param args part, kind, directory, entries, bytes of a value, seconds to load at most, to warm up, to measure;
     *     then the number of threads (durable) or the titles of the workloads (serve)
     */
    public static void main(String[] args) throws Exception {
        Children.endWithParent();
        StoreFork fork = new StoreFork(args);
        List<String> rest = List.of(args).subList(8, args.length);
        switch (Part.valueOf(args[0])) {
            case SERVE -> fork.serve(new HashSet<>(rest));
            case OPEN -> fork.open();
            case LOAD -> fork.loadByEight();
            case DURABLE -> fork.durable(LaneThreads.parse(rest.getFirst()));
        }
    }

    private static Outcome run(Store store, int threads, Lanes.Task<Store.Worker> task) throws Exception {
        return run(store, LaneThreads.platform(threads), task);
    }

    private static Outcome run(Store store, LaneThreads threads, Lanes.Task<Store.Worker> task) throws Exception {
        return Lanes.run(threads, store::worker, task, store::drain);
    }

    private static void print(String caseName, String metric, double value) {
        System.out.println(caseName + FIELDS + metric + FIELDS + value);
    }

    private static void print(String caseName, Outcome outcome) {
        print(caseName, RATE, outcome.rate());
        Histogram times = outcome.times();
        print(caseName, P50, times.getValueAtPercentile(50) / 1e3);
        print(caseName, P99, times.getValueAtPercentile(99) / 1e3);
        print(caseName, P9999, times.getValueAtPercentile(99.99) / 1e3);
        print(caseName, MAX, times.getMaxValue() / 1e3);
    }

    private static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }

    private Store openStore(Promise promise, long spare) throws Exception {
        return kind.open(directory, new Setup(promise, data.entries() + spare, data.valueBytes()));
    }

    private void serve(Set<String> wanted) throws Exception {
        ProcessMemory before = ProcessMemory.now();
        long pacedNanos = nanos(2 * seconds);
        long spare = (long) (PACE * 2 * seconds) + 1;
        Store store = openStore(Promise.ACCEPTED, spare);
        Outcome load = run(store, 1, new Tasks(data).load(1, nanos(loadSeconds)));
        print(Workload.load(1), load);
        print(Workload.load(1), LOADED, load.operations());
        Data loaded = new Data(load.operations(), data.valueBytes());
        ProcessMemory after = ProcessMemory.now();
        print(AFTER_LOAD, OWN_BYTES, (double) (after.ownBytes() - before.ownBytes()) / loaded.entries());
        print(AFTER_LOAD, DISK_BYTES, diskBytes(directory) / loaded.entries());

        Tasks tasks = new Tasks(loaded);
        Set<Integer> warm = new HashSet<>();
        for (Workload workload : Workload.all()) {
            if (wanted.contains(workload.title())) {
                if (warm.add(workload.readPercent())) {
                    run(store, workload.threads(), tasks.mixed(workload, nanos(warmup)));
                }
                print(workload.title(), run(store, workload.threads(), tasks.mixed(workload, nanos(seconds))));
            }
        }
        print(AFTER_CHURN, run(store, 1, tasks.puts(2 * loaded.entries(), nanos(loadSeconds))));
        print(AFTER_CHURN, DISK_BYTES, diskBytes(directory) / loaded.entries());
        print(GROWTH, run(store, 1, tasks.paced(data.entries(), PACE, pacedNanos)));
        print(CLEANING, run(store, 1, tasks.paced(-1, PACE, pacedNanos)));
        System.out.println(READY);
        run(store, 1, tasks.paced(-1, PACE / 10, TimeUnit.MINUTES.toNanos(2)));
    }

    private void open() throws Exception {
        long start = System.nanoTime();
        Store store = openStore(Promise.ACCEPTED, (long) (PACE * 2 * seconds) + 1);
        byte[] key = new byte[Data.KEY_BYTES];
        Data.key(0, key);
        try (Store.Worker worker = store.worker()) {
            byte[] value = worker.get(key);
            print(REOPEN, OPEN_MS, (System.nanoTime() - start) / 1e6);
            if (value == null || !data.isValue(0, value)) {
                throw new IllegalStateException("after kill -9, key 0 is not there");
            }
        }
        store.close();
    }

    private void loadByEight() throws Exception {
        int threads = 8;
        try (Store store = openStore(Promise.ACCEPTED, 0)) {
            print(Workload.load(threads), run(store, threads, new Tasks(data).load(threads, nanos(loadSeconds))));
        }
    }

    private void durable(LaneThreads threads) throws Exception {
        try (Store store = openStore(Promise.DURABLE, 0)) {
            Tasks tasks = new Tasks(data);
            run(store, threads, tasks.puts(Long.MAX_VALUE, nanos(warmup)));
            print(Workload.durable(threads), run(store, threads, tasks.puts(Long.MAX_VALUE, nanos(seconds))));
        }
    }

    /** Blocks that the file system has given out: many of these files have holes. */
    static double diskBytes(Path directory) throws IOException, InterruptedException {
        Process du = new ProcessBuilder("du", "-s", "--block-size=1", directory.toString()).start();
        String text = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (du.waitFor() != 0) {
            return Double.NaN;
        }
        return Double.parseDouble(text.split("\\s", 2)[0]);
    }
}
