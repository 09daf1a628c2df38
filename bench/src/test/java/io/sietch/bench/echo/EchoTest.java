package io.sietch.bench.echo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The echo itself; what needs rights is left to the run. */
@Timeout(60)
class EchoTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(
            value = EchoKind.class,
            names = {"KERNEL_BLOCKING", "KERNEL_POLLED", "SHM_SLEEPING", "SHM_POLLED"})
    void whatIsSentComesBack(EchoKind kind) throws IOException {
        try (EchoServer server = new EchoServer(kind, directory);
                EchoLine line = EchoFork.line(kind, server)) {
            EchoLoad load = new EchoLoad(line, 8);
            load.run(() -> load.answers() >= 1000);
            assertThat(load.times().getTotalCount()).isEqualTo(load.answers());
            load.reset();
            load.run(() -> load.answers() > 0);
            assertThat(load.times().getMaxValue()).isPositive();
        }
    }

    @Test
    void figuresGoThroughALineOfText() {
        EchoFork.Figures figures = new EchoFork.Figures(1000.25, 2.5, 30, 1.25, 4, 7);
        assertThat(EchoFork.Figures.parse("noise\n" + figures.line() + "\n")).isEqualTo(figures);
        assertThat(figures).hasToString("1,000/s, p50 2.5 us, 7 lost");
        assertThatThrownBy(() -> EchoFork.Figures.parse("noise")).hasMessageContaining("printed no result");
    }
}
