package io.sietch.bench.store;

import static io.sietch.bench.report.Table.figure;
import static io.sietch.bench.report.Table.ratio;

import io.sietch.bench.RunContext;
import io.sietch.bench.report.LaneThreads;
import io.sietch.bench.report.Report;
import io.sietch.bench.report.Results;
import io.sietch.bench.report.Samples;
import io.sietch.bench.report.Table;
import io.sietch.bench.report.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What {@code bench table} found. */
final class TableReport {
    private static final String OURS = StoreKind.SIETCH.title();

    private final RunContext run;
    private final Results results;
    private final List<Data> sets;

    TableReport(RunContext run, List<Data> sets) {
        this.run = run;
        this.results = run.results();
        this.sets = sets;
    }

    Report report(String command) {
        Report report = run.report("Table").command(command);
        for (StoreKind kind : StoreKind.values()) {
            if (kind.isStore()) {
                report.version(kind.title(), kind.version());
            }
        }
        for (Data data : sets) {
            add(report, rates(data));
            add(report, space(data));
            add(report, pauses(data));
        }
        for (LaneThreads threads : Workload.DURABLE_THREADS) {
            add(report, durable(threads));
        }
        targets().forEach(report::target);
        return report.note("A rate is of operations in a second; behind it, ours as a multiple of it. Loading ends when"
                        + " the store has written everything down, where it can do that.")
                .note("Not waiting promises different things: Sietch and MVStore write down in the background; RocksDB"
                        + " leaves its log to the page cache; LMDB and Xodus do not flush, and load with 1000 puts to a"
                        + " transaction; MapDB commits once for 10,000 puts; Chronicle Map never flushes.")
                .note("Own memory: heap in use and other anonymous memory; what lies in the page cache is not in it."
                        + " Disk: blocks that the file system gave out.")
                .note("Paced puts: 20,000 a second, each timed from when it should have begun. Nobody waits for the"
                        + " medium in them.")
                .note("A virtual thread that calls native code keeps its carrier, of which there are as many as"
                        + " processors: so RocksDB and LMDB have as many puts under way, however many threads there"
                        + " are. Beside it stands the ratio to what each does with threads of the system.");
    }

    private static void add(Report report, Table table) {
        if (!table.isEmpty()) {
            report.table(table);
        }
    }

    private List<String> stores() {
        return Arrays.stream(StoreKind.values())
                .filter(kind -> kind.isStore() && kind.isInstalled())
                .map(StoreKind::title)
                .toList();
    }

    private Table rates(Data data) {
        List<String> headings = new ArrayList<>(List.of("ops/s (ours to it)"));
        headings.addAll(stores());
        Table table = new Table(data.title() + ": without waiting for the medium", headings.toArray(String[]::new));
        List<String> cases = new ArrayList<>(List.of(Workload.load(1), Workload.load(8)));
        Workload.all().forEach(workload -> cases.add(workload.title()));
        cases.add(StoreFork.AFTER_CHURN);
        for (String workload : cases) {
            String name = data.title() + ": " + workload;
            if (results.contenders(name).isEmpty()) {
                continue;
            }
            List<String> row = new ArrayList<>();
            row.add(workload.equals(StoreFork.AFTER_CHURN) ? "put, keys that are there, 1 thread" : workload);
            for (String who : stores()) {
                String rate = figure(results.get(name, who, StoreFork.RATE).median());
                boolean ours = who.equals(OURS);
                row.add(ours ? rate : rate + " (" + ratio(results.ratio(name, OURS, who, StoreFork.RATE)) + ")");
            }
            table.row(row.toArray(String[]::new));
        }
        return table;
    }

    private Table space(Data data) {
        Table table = new Table(
                data.title() + ": memory, disk, opening",
                "store",
                "entries loaded",
                "own memory B/entry",
                "disk B/entry, loaded",
                "disk B/entry, overwritten",
                "open after kill -9, ms");
        String prefix = data.title() + ": ";
        for (String who : stores()) {
            Samples loaded = results.get(prefix + Workload.load(1), who, StoreFork.LOADED);
            if (!Double.isNaN(loaded.median())) {
                table.row(
                        who,
                        figure(loaded.median()),
                        median(prefix + StoreFork.AFTER_LOAD, who, StoreFork.OWN_BYTES),
                        median(prefix + StoreFork.AFTER_LOAD, who, StoreFork.DISK_BYTES),
                        median(prefix + StoreFork.AFTER_CHURN, who, StoreFork.DISK_BYTES),
                        median(prefix + StoreFork.REOPEN, who, StoreFork.OPEN_MS));
            }
        }
        return table;
    }

    private Table pauses(Data data) {
        Table table = new Table(
                data.title() + ": paced puts, us",
                "store",
                "new keys p99",
                "p99.99",
                "max",
                "keys that are there p99",
                "p99.99",
                "max");
        for (String who : stores()) {
            List<String> row = new ArrayList<>(List.of(who));
            boolean measured = false;
            for (String what : List.of(StoreFork.GROWTH, StoreFork.CLEANING)) {
                String name = data.title() + ": " + what;
                measured |= results.contenders(name).contains(who);
                for (String metric : List.of(StoreFork.P99, StoreFork.P9999, StoreFork.MAX)) {
                    row.add(median(name, who, metric));
                }
            }
            if (measured) {
                table.row(row.toArray(String[]::new));
            }
        }
        return table;
    }

    private String median(String caseName, String who, String metric) {
        return figure(results.get(caseName, who, metric).median());
    }

    private Table durable(LaneThreads threads) {
        String name = Workload.durable(threads);
        List<String> headings =
                new ArrayList<>(List.of("store", "what makes it durable", "puts/s", "spread", "ours to it"));
        if (threads.virtual()) {
            headings.add("ours to it with threads of the system");
        }
        headings.addAll(List.of("p50 us", "p99 us"));
        Table table = new Table(name, headings.toArray(String[]::new));
        for (StoreKind kind : StoreKind.values()) {
            String who = kind.title();
            Samples rate = results.get(name, who, StoreFork.RATE);
            if (!Double.isNaN(rate.median())) {
                List<String> row = new ArrayList<>();
                row.addAll(List.of(who, kind.durability(), figure(rate.median()), rate.spread()));
                row.add(ratio(results.ratio(name, OURS, who, StoreFork.RATE)));
                if (threads.virtual()) {
                    row.add(ratio(toSystemThreads(threads, who)));
                }
                row.addAll(List.of(median(name, who, StoreFork.P50), median(name, who, StoreFork.P99)));
                table.row(row.toArray(String[]::new));
            }
        }
        return table;
    }

    /** Our rate with virtual threads against another's with as many of the system, which not everybody needs. */
    private double toSystemThreads(LaneThreads virtual, String who) {
        Samples ours = results.get(Workload.durable(virtual), OURS, StoreFork.RATE);
        return ours.dividedBy(results.get(Workload.durable(virtual.count()), who, StoreFork.RATE))
                .median();
    }

    private List<Target> targets() {
        List<Target> targets = new ArrayList<>();
        for (Data data : sets) {
            for (Workload workload : List.of(Workload.GET, Workload.GET_ZIPF_8)) {
                String name = data.title() + ": " + workload.title();
                targets.add(fastest(name, 1.5));
                targets.add(against(name, 1, StoreKind.CHRONICLE));
            }
            targets.add(fastest(data.title() + ": " + Workload.load(1), 1.5));
            double disk = results.get(data.title() + ": " + StoreFork.AFTER_CHURN, OURS, StoreFork.DISK_BYTES)
                    .median();
            int payload = Data.KEY_BYTES + data.valueBytes();
            targets.add(Target.atMost(data.title() + ": bytes on disk for each of payload", 2, disk / payload, "x"));
            double open = results.get(data.title() + ": " + StoreFork.REOPEN, OURS, StoreFork.OPEN_MS)
                    .median();
            targets.add(Target.atMost(data.title() + ": open after kill -9", 2000, open, "ms"));
        }
        targets.add(fastest(Workload.durable(1), 1.3));
        targets.add(against(Workload.durable(1), 0.85, StoreKind.RAW));
        targets.add(fastest(Workload.durable(64), 5));
        LaneThreads virtual = LaneThreads.virtual(64);
        String rocks = StoreKind.ROCKSDB.title();
        targets.add(Target.atLeast(
                Workload.durable(virtual) + " against " + rocks + " with 64 threads of the system",
                5,
                toSystemThreads(virtual, rocks)));
        return targets;
    }

    /** Against whoever is fastest of those that can be durable. */
    private Target fastest(String name, double bound) {
        StoreKind fastest = StoreKind.SIETCH;
        double best = 0;
        for (StoreKind kind : StoreKind.values()) {
            double rate = results.get(name, kind.title(), StoreFork.RATE).median();
            if (kind != StoreKind.SIETCH && kind.isStore() && kind.canBeDurable() && rate > best) {
                best = rate;
                fastest = kind;
            }
        }
        return against(name, bound, fastest);
    }

    private Target against(String name, double bound, StoreKind base) {
        // With nobody to compare with, nothing was measured.
        double measured =
                base == StoreKind.SIETCH ? Double.NaN : results.ratio(name, OURS, base.title(), StoreFork.RATE);
        String who = base == StoreKind.SIETCH ? "the fastest that can be durable" : base.title();
        return Target.atLeast(name + " against " + who, bound, measured);
    }
}
