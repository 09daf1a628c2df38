package io.sietch.persistent.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.persistent.PersistentLog;
import io.sietch.persistent.Sietch;
import io.sietch.persistent.SietchOptions;
import io.sietch.persistent.tool.BenchRun.Result;
import io.sietch.persistent.tool.BenchWork.Step;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What is timed is up to the machine; that it is, and that nothing is left behind, is not. */
@Timeout(60)
class BenchCommandTest {
    @TempDir
    Path data;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int bench(Object... options) {
        CommandLine line = SietchTool.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        Stream<String> given = Arrays.stream(options).map(String::valueOf);
        return line.execute(
                Stream.concat(Stream.of("bench", data.toString()), given).toArray(String[]::new));
    }

    private static List<Path> in(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    @Test
    void aDirectoryIsAsItWasAfterAllStructuresWereTimedThere() throws IOException {
        assertThat(bench("--for", "10ms", "--area", "4m", "--threads", 2, "--json"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("\"threads\":2", "\"valueBytes\":100", "\"log\":[{\"operation\":\"append\",\"count\":")
                .contains("\"operation\":\"offer\"", "\"operation\":\"poll\"", "\"table\":[{\"operation\":\"put\"")
                .doesNotContain("\"count\":0,");
        assertThat(in(data)).isEmpty();
    }

    private long deviceWithALog(long freeBytes) throws IOException {
        SietchOptions options =
                SietchOptions.DEFAULTS.withDeviceBytes(freeBytes, 64 << 20).withLogBytes(1 << 20, 1 << 20);
        try (Sietch sietch = Sietch.open(data, options)) {
            sietch.log("orders").appendAndWait("one".getBytes(StandardCharsets.UTF_8));
        }
        return Files.size(data.resolve(Sietch.FILE_NAME));
    }

    @Test
    void aDeviceIsAsLargeAsItWasAndHasWhatItHad() throws IOException {
        long bytes = deviceWithALog(8 << 20);
        for (int i = 0; i < 2; i++) {
            assertThat(bench("--for", "10ms", "--area", "4m", "--structure", "log"))
                    .as(err.toString())
                    .isZero();
        }
        assertThat(out.toString()).contains("log append", "P99.9").doesNotContain("queue", "table");
        assertThat(Files.size(data.resolve(Sietch.FILE_NAME))).isEqualTo(bytes);
        try (Sietch sietch = Sietch.open(data)) {
            assertThat(sietch.areas())
                    .singleElement()
                    .satisfies(area -> assertThat(area.name()).isEqualTo("orders"));
            PersistentLog orders = sietch.log("orders");
            assertThat(orders.durable()).isPositive();
        }
    }

    @Test
    void aDeviceThatHasTooLittleRoomDoesNotGrow() throws IOException {
        long bytes = deviceWithALog(4 << 20);
        assertThat(bench("--for", "10ms", "--area", "4m")).isEqualTo(1);
        assertThat(err.toString()).contains("bytes free", "--area wants 4194304");
        assertThat(Files.size(data.resolve(Sietch.FILE_NAME))).isEqualTo(bytes);
    }

    @Test
    void anAreaThatARunLeftBehindIsNotTouched() throws IOException {
        deviceWithALog(16 << 20);
        try (Sietch sietch = Sietch.open(data)) {
            sietch.log(BenchCommand.AREA);
        }
        assertThat(bench("--for", "10ms", "--area", "4m")).isEqualTo(1);
        assertThat(err.toString()).contains("sietch rm");
        try (Sietch sietch = Sietch.open(data)) {
            assertThat(sietch.area(BenchCommand.AREA)).isPresent();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--threads, 0",
        "--threads, 1025",
        "--value-size, 2m",
        "--area, 1m",
        "--for, 1ms",
        "--for, 2h",
        "--for, 5",
        "--for, -2s",
        "--structure, tree"
    })
    void whatIsOutOfBoundsIsAMistakeOfTheCommandLine(String option, String value) throws IOException {
        assertThat(bench(option, value)).isEqualTo(2);
        assertThat(err.toString()).contains(option);
        assertThat(in(data)).isEmpty();
    }

    @Test
    void whereThereIsNothingNothingIsMade() {
        data = data.resolve("no/such/place");
        assertThat(bench("--for", "10ms")).isEqualTo(1);
        assertThat(err.toString()).contains("there is no device at");
        assertThat(data).doesNotExist();
    }

    @Test
    void eachStepIsDoneInTurnByEachThreadAndCounted() throws IOException {
        AtomicLong first = new AtomicLong();
        AtomicLong second = new AtomicLong();
        List<Step> steps = List.of(
                new Step("first", (thread, round) -> first.incrementAndGet()),
                new Step("second", (thread, round) -> second.incrementAndGet()));
        List<Result> results = BenchRun.of(steps, 3, Duration.ofMillis(2), nanos -> {});
        assertThat(second.get()).isEqualTo(first.get()).isPositive();
        assertThat(results).extracting(Result::name).containsExactly("first", "second");
        for (Result result : results) {
            assertThat(result.nanos().getTotalCount()).isBetween(3L, first.get());
            assertThat(result.perSecond()).isPositive();
        }
    }

    @Test
    void anOperationThatFailsEndsTheRun() {
        Step broken = new Step("broken", (thread, round) -> {
            if (thread == 1 && round == 10) {
                throw new IOException("full");
            }
        });
        assertThatThrownBy(() -> BenchRun.of(List.of(broken), 2, Duration.ofHours(1), nanos -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("full");
    }
}
