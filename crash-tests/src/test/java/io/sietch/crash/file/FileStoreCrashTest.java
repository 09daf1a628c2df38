package io.sietch.crash.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashModel;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashReport;
import io.sietch.crash.CrashSubject;
import io.sietch.crash.CrashViolation;
import io.sietch.crash.Deed;
import io.sietch.crash.Life;
import io.sietch.crash.Prefixes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A store that takes a path is tested as it is, and found out when it forgets to sync a file or a directory. */
class FileStoreCrashTest {
    private static final class Subject implements CrashSubject<String, String> {
        private final SettingsStore.Bug bug;
        private @Nullable SettingsStore store;

        Subject(SettingsStore.Bug bug) {
            this.bug = bug;
        }

        @Override
        public String open(Life<String> life) throws IOException {
            Path directory = CrashFiles.mount(life.media()).getPath("/");
            SettingsStore opened = new SettingsStore(directory, bug);
            store = opened;
            return opened.load();
        }

        @Override
        public void work(Life<String> life) throws IOException {
            for (String text : List.of("small", "long ".repeat(300), "other")) {
                int number = life.attempt(text + life.number());
                Objects.requireNonNull(store).save(text + life.number());
                life.acknowledge(number);
            }
        }

        @Override
        public void check(String before, List<Deed<String>> deeds, String after) {
            Prefixes.check(before, deeds, after, (old, text) -> text);
        }
    }

    private static CrashExplorer<String, String> explorer(SettingsStore.Bug bug, CrashModel model) {
        CrashPlan plan = CrashPlan.of("settings, " + bug, CrashFiles.geometry(256 << 10))
                .withModel(model)
                .withLazyViews();
        return new CrashExplorer<>(() -> new Subject(bug), plan);
    }

    static List<CrashModel> models() {
        return List.of(CrashModel.PREFIX, CrashModel.COMMANDS, CrashModel.SECTORS, CrashModel.GARBAGE_SECTORS);
    }

    @ParameterizedTest
    @MethodSource("models")
    void aStoreThatSyncsWhatItMustKeepsItsPromises(CrashModel model) {
        CrashReport report = explorer(SettingsStore.Bug.NONE, model).explore();
        System.out.println(report);
        assertThat(report.states()).isGreaterThan(500);
    }

    @ParameterizedTest
    @CsvSource({
        "NO_FILE_SYNC, settings",
        "NO_DIRECTORY_SYNC, the name /settings",
        "NO_SYNC_WHEN_OPENED, the name /settings",
        "IN_PLACE, settings"
    })
    void everyMistakeIsFoundAndNamed(SettingsStore.Bug bug, String named) {
        CrashExplorer<String, String> explorer = explorer(bug, CrashModel.SECTORS);
        CrashViolation found = catchThrowableOfType(CrashViolation.class, explorer::explore);
        assertThat(found).as("violation of " + bug).isNotNull();
        System.out.println(found.getMessage());
        assertThat(found).hasMessageContaining(named);
        CrashViolation again = catchThrowableOfType(
                CrashViolation.class, () -> explorer(bug, CrashModel.SECTORS).replay(found.token()));
        assertThat(again).hasMessage(found.getMessage());
        explorer(SettingsStore.Bug.NONE, CrashModel.SECTORS).replay(found.token());
    }
}
