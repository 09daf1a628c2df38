package io.sietch.crash.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command runs, refuses what it does not understand, and its tokens say all that a trial needs. */
class CrashTortureTest {
    @TempDir
    Path directory;

    @Test
    void aShortRunEndsWell() {
        assertThat(CrashTorture.run("--for", "1s", "--threads", "1", "--subject", "keyspace"))
                .isZero();
    }

    @Test
    void itEndsWhenThereAreEnoughStates() {
        assertThat(CrashTorture.run("--until", "2000", "--threads", "1", "--subject", "log"))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--for 10",
                "--until many",
                "--subject tables",
                "--replay log",
                "--replay log@sectors@1@nonsense@1:",
                "--threads 0",
                "--bits --tears"
            })
    void whatMakesNoSenseIsRefused(String options) {
        assertThat(CrashTorture.run(options.split(" ", -1))).isEqualTo(2);
    }

    @Test
    void aTokenIsReplayed() {
        assertThat(CrashTorture.run("--replay", "log@sectors@1@commit 100,write 500@7:v44=1/8:"))
                .isZero();
    }

    @Test
    void aLogThatIsFullIsNoViolation() {
        assertThat(CrashTorture.run(
                        "--replay",
                        "log@sectors@75@commit 8,commit 8,commit 8,commit 40000,write 500,commit 4025,commit 4025,"
                                + "commit 40000,commit 8,write 500,write 500,stream 9000 500@18:"))
                .isZero();
    }

    @Test
    void eachBitComesOnce() {
        List<Trial> trials = new ArrayList<>();
        Trial.everyBit(List.of(Prey.LOG, Prey.QUEUE)).forEachRemaining(trials::add);
        assertThat(trials).hasSize(2 * Hunt.CHUNKS).doesNotHaveDuplicates();
        assertThat(trials).allMatch(trial -> trial.hunt() == Hunt.BITS && trial.seed() < Hunt.CHUNKS);
    }

    @ParameterizedTest
    @EnumSource
    void everyTrialIsToldInFullByItsToken(Prey prey) {
        for (long number = 0; number < 200; number++) {
            Trial trial = Trial.of(prey, 7, number);
            assertThat(Trial.parse(trial.token("1:v2=3"))).isEqualTo(trial);
        }
    }
}
