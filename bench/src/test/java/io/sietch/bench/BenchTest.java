package io.sietch.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class BenchTest {
    private record Outcome(int exit, String out, String err) {}

    private static Outcome run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = Bench.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
        return new Outcome(exit, out.toString(), err.toString());
    }

    @Test
    void helpNamesTheCommandsAndEndsWell() {
        Outcome help = run("--help");
        assertThat(help.exit()).isZero();
        assertThat(help.out()).contains("Usage: bench", "log", "table", "redis", "jmh");
        assertThat(run("redis", "--help").out()).contains("--rounds", "--seconds", "--dir", "--json", "--markdown");
    }

    @Test
    void withoutACommandItSaysWhichThereAre() {
        Outcome none = run();
        assertThat(none.exit()).isEqualTo(2);
        assertThat(none.err())
                .contains("Missing command: log, table, queue, redis, cleaning, shm, shm-load, shm-steps, jedis, echo,"
                        + " jmh, soak, open");
    }

    @Test
    void aWrongFlagIsNamedAndNothingRuns() {
        Outcome wrong = run("log", "--round", "3");
        assertThat(wrong.exit()).isEqualTo(2);
        assertThat(wrong.err()).contains("--round'").contains("--rounds");
    }

    @Test
    void valuesThatMakeNoSenseAreRefusedWithTheValue() {
        assertThat(run("log", "--rounds", "0").err()).contains("--rounds 0: must be from 1 to 1000");
        assertThat(run("redis", "--seconds", "-1").err()).contains("--seconds -1.0: must be more than 0");
        assertThat(run("log", "--seconds", "NaN").exit()).isEqualTo(2);
        assertThat(run("queue", "--plot", "queue.svg").err()).contains("--plot queue.svg: must end in .png");
        assertThat(run("shm-steps", "-P", "0").err()).contains("-P 0: must be more than 0");
        assertThat(run("shm-steps", "-t", "get,gte").err()).contains("-t gte: must be get or set");
        assertThat(run("shm-load", "--door", "none", "-t", "gte").err()).contains("-t gte: must be get or set");
        assertThat(run("soak", "--for", "soon").err())
                .contains("--for", "'soon' is no time: write 90s, 2m, 1h or 1h30m");
        assertThat(run("soak", "--for", "0s").err()).contains("'0s' is no time: it must be more than none");
        assertThat(run("log", "--rounds", "many").err()).contains("'many' is not an int");
    }

    @Test
    void aChoiceThatLeavesNothingIsRefused() {
        Outcome nothing = run("table", "--only", "gets of whales");
        assertThat(nothing.exit()).isEqualTo(2);
        assertThat(nothing.err()).contains("--only 'gets of whales': no measure and no contender contains this text");
    }

    @Test
    void aMissingClientIsSaidInOneLine() {
        Outcome missing = run("redis", "--redis-benchmark", "no-such-program");
        assertThat(missing.exit()).isEqualTo(1);
        assertThat(missing.err())
                .startsWith("bench: no-such-program is not installed")
                .hasLineCount(1);
    }
}
