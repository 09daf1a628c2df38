package io.sietch.bench.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CsvLineTest {
    private static final String HEADING = "\"test\",\"rps\",\"avg_latency_ms\",\"min_latency_ms\",\"p50_latency_ms\","
            + "\"p95_latency_ms\",\"p99_latency_ms\",\"max_latency_ms\"\n";

    @Test
    void columnsAreFoundByTheirHeadings() {
        assertThat(CsvLine.parse(HEADING
                        + "\"SET\",\"57142.86\",\"0.594\",\"0.040\",\"0.575\",\"0.831\",\"1.303\",\"6.631\"\n"
                        + "\"GET\",\"61538.46\",\"0.539\",\"0.088\",\"0.535\",\"0.759\",\"0.831\",\"4.271\"\n"))
                .containsExactly(
                        new CsvLine("SET", 57142.86, 0.575, 1.303), new CsvLine("GET", 61538.46, 0.535, 0.831));
    }

    @Test
    void olderClientsTellTestAndRateOnly() {
        CsvLine line = CsvLine.parse("\"SET\",\"57142.86\"\n").getFirst();
        assertThat(line.rate()).isEqualTo(57142.86);
        assertThat(line.p50Millis()).isNaN();
        assertThat(line.p99Millis()).isNaN();
    }

    @Test
    void progressAndWarningsArePassedOver() {
        assertThat(CsvLine.parse("WARNING: Could not fetch server CONFIG\n" + HEADING
                        + "SET: rps=1.0 (overall: 1.0)\r\"SET\",\"5\",\"1\",\"1\",\"2\",\"1\",\"3\",\"1\"\n"))
                .containsExactly(new CsvLine("SET", 5, 2, 3));
    }

    @Test
    void anOutputWithoutAResultIsRefusedAndShown() {
        assertThatThrownBy(() -> CsvLine.parse("Could not connect to Redis at 127.0.0.1:1: Connection refused\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Connection refused");
        assertThatThrownBy(() -> CsvLine.parse(HEADING)).isInstanceOf(IllegalArgumentException.class);
    }
}
