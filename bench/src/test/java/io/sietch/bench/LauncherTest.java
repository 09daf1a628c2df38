package io.sietch.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the programs in bin share, with a build that does nothing. */
@Timeout(60)
class LauncherTest {
    private static final String PROGRAM = """
        set -eu
        NAME=program MODULE=module ROOT=%s
        . "%s"
        build() { mkdir -p "$APP"; : > "$ROOT/$MODULE/target/build.begun"; }
        build_if_needed
        echo out
        echo err >&2
        """;

    @TempDir
    Path root;

    private String run(Path errors) throws Exception {
        Path launcher = Path.of("..", ".mvn", "launcher.sh").toAbsolutePath().normalize();
        Process program = new ProcessBuilder("sh", "-c", PROGRAM.formatted(root, launcher))
                .redirectError(errors.toFile())
                .start();
        String out = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(program.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).isZero();
        return out;
    }

    @Test
    void aProgramKeepsItsOutputsWhetherItWasBuiltOrNot() throws Exception {
        Path errors = root.resolve("errors");
        assertThat(run(errors)).isEqualTo("out\n");
        assertThat(Files.readString(errors))
                .startsWith("program: first use: building")
                .endsWith("err\n");
        assertThat(run(errors)).isEqualTo("out\n");
        assertThat(Files.readString(errors)).isEqualTo("err\n");
    }
}
