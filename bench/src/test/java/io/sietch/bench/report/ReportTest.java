package io.sietch.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Machine DISK = new Machine("a processor, 2 cores", 24, "Linux 6", "VM 25", "ext4");
    private static final Machine MEMORY = new Machine("a processor, 2 cores", 24, "Linux 6", "VM 25", "tmpfs");

    private static Report report(Machine machine) {
        Results results = new Results(2);
        results.put(0, "append", "raw", "records/s", 10);
        results.put(1, "append", "raw", "records/s", 20.5);
        return new Report("Log", "2026-01-01", machine, results)
                .command("bench/bin/bench log")
                .version("raw", "1")
                .table(new Table("append", "contender", "records/s").row("raw", "15"))
                .target(Target.atLeast("a against b", 0.9, 0.95))
                .target(Target.atMost("p99", 0.5, Double.NaN, "ms"))
                .skip("RocksDB", "not there");
    }

    @Test
    void markdownHoldsAllThatIsNeededToRunItAgain() {
        assertThat(report(DISK).markdown())
                .contains("# Log", "Median of 2 interleaved rounds on a processor, 2 cores; 24 GiB; Linux 6; VM 25")
                .contains("    bench/bin/bench log", "Versions: raw 1.", "| raw | 15 |")
                .contains("| a against b | >= 0.90x | 0.95x | yes |")
                .contains("| p99 | <= 0.500 ms | - | not measured |")
                .contains("- Skipped RocksDB: not there");
    }

    @Test
    void textSaysWhatWasSkipped() {
        assertThat(report(DISK).text()).contains("skipped: RocksDB: not there").doesNotContain("note:");
    }

    @Test
    void aRunInMemoryIsMarkedAsSuch() {
        assertThat(report(MEMORY).text()).contains("note: The data directory is in memory (tmpfs)");
    }

    @Test
    void jsonHoldsEveryRoundAndNoNaN() {
        assertThat(report(DISK).json())
                .contains("\"rounds\": [\n        10,\n        20.5\n      ]", "\"median\": 15.25")
                .contains("\"measured\": null", "\"skipped\": {\n    \"RocksDB\": \"not there\"\n  }")
                .doesNotContain("NaN");
    }

    @Test
    void jsonEscapesWhatEndsAString() {
        assertThat(Json.write("a \"quoted\" \\ word\nand\u0001more"))
                .isEqualTo("\"a \\\"quoted\\\" \\\\ word\\nand\\u0001more\"\n");
    }
}
