package io.sietch.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sietch.vsic.LatencyModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The kit finds the usual mistakes in a toy log, and nothing in the same log without them. */
class ToyLogTest {
    /** Appends records in commits of one and of two. */
    static final class Subject implements CrashSubject<List<String>, String> {
        private final ToyLog.Bug bug;
        private @Nullable ToyLog log;

        Subject(ToyLog.Bug bug) {
            this.bug = bug;
        }

        @Override
        public List<String> open(Life<String> life) throws IOException {
            ToyLog opened = new ToyLog(bug, life.controller(), life.time());
            log = opened;
            return opened.records();
        }

        @Override
        public void work(Life<String> life) throws IOException {
            for (int commit = 0; commit < 3; commit++) {
                List<String> texts = new ArrayList<>();
                List<Integer> numbers = new ArrayList<>();
                for (int i = 0; i <= commit % 2; i++) {
                    String text = "life " + life.number() + " commit " + commit + " record " + i + " ";
                    texts.add(text.repeat(30));
                    numbers.add(life.attempt(text.repeat(30)));
                }
                Objects.requireNonNull(log).append(texts, () -> numbers.forEach(life::acknowledge));
            }
        }

        @Override
        public void check(List<String> before, List<Deed<String>> deeds, List<String> after) {
            Prefixes.checkAppended(before, deeds, after);
        }
    }

    private static CrashPlan plan(ToyLog.Bug bug, CrashModel model) {
        return CrashPlan.of("toy log, " + bug, new CrashGeometry(64 * 512, 64 * 512, 512, 512))
                .withModel(model)
                .withLatency(new LatencyModel(0, 1000, 5000))
                .withLazyViews();
    }

    private static CrashExplorer<List<String>, String> explorer(ToyLog.Bug bug, CrashModel model) {
        return new CrashExplorer<>(() -> new Subject(bug), plan(bug, model));
    }

    static List<CrashModel> models() {
        return List.of(
                CrashModel.PREFIX,
                CrashModel.COMMANDS,
                CrashModel.SECTORS,
                CrashModel.WORDS,
                CrashModel.GARBAGE,
                CrashModel.GARBAGE_SECTORS);
    }

    @ParameterizedTest
    @MethodSource("models")
    void theLogWithoutMistakesKeepsItsPromises(CrashModel model) {
        CrashReport report = explorer(ToyLog.Bug.NONE, model).explore();
        System.out.println(report);
        assertThat(report.states()).isGreaterThan(100);
        assertThat(report.nested()).isGreaterThan(10);
    }

    @ParameterizedTest
    @EnumSource(
            value = ToyLog.Bug.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE"})
    void everyMistakeIsFoundAndReplays(ToyLog.Bug bug) {
        CrashExplorer<List<String>, String> explorer = explorer(bug, CrashModel.SECTORS);
        CrashViolation found = catchThrowableOfType(CrashViolation.class, explorer::explore);
        assertThat(found).as("violation of " + bug).isNotNull();
        System.out.println(found.getMessage());
        assertThatThrownBy(() -> explorer(bug, CrashModel.SECTORS).replay(found.token()))
                .isInstanceOf(CrashViolation.class)
                .hasMessage(found.getMessage());
        explorer(ToyLog.Bug.NONE, CrashModel.SECTORS).replay(found.token());
    }

    @Test
    void fewImagesAreAllMade() {
        CrashReport report = explorer(ToyLog.Bug.NONE, CrashModel.SECTORS).explore();
        assertThat(report.represented())
                .as("points after one, three and six sectors written, and one after three again")
                .isEqualTo(6 + 2 + 8 + 64 + 8);
        assertThat(report.states() - report.nested())
                .as("without those that differ behind a missing sector, where the log ends; and each point after a"
                        + " kill")
                .isEqualTo(54 + 10);
    }

    @Test
    void theTimelineNamesTheLostWrite() {
        CrashViolation found = catchThrowableOfType(
                CrashViolation.class,
                () -> explorer(ToyLog.Bug.NO_FLUSH, CrashModel.SECTORS).explore());
        assertThat(found.getMessage()).contains("write 1536 bytes at 1024, sectors 2 to 4", "then the power went");
    }
}
