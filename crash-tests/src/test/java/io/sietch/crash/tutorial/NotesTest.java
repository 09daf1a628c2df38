package io.sietch.crash.tutorial;

import io.sietch.crash.CrashSubject;
import io.sietch.crash.Deed;
import io.sietch.crash.Life;
import io.sietch.crash.Prefixes;
import io.sietch.crash.file.CrashFiles;
import io.sietch.crash.junit.CrashRun;
import io.sietch.crash.junit.CrashTest;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

class NotesTest {
    static final class Subject implements CrashSubject<List<String>, String> {
        private final List<String> texts;
        private @Nullable Notes notes;

        Subject(List<String> texts) {
            this.texts = texts;
        }

        @Override
        public List<String> open(Life<String> life) throws IOException {
            Notes opened = new Notes(CrashFiles.mount(life.media()).getPath("/"));
            notes = opened;
            return opened.all();
        }

        @Override
        public void work(Life<String> life) throws IOException {
            for (String text : texts) {
                int number = life.attempt(text);
                Objects.requireNonNull(notes).add(text);
                life.acknowledge(number);
            }
        }

        @Override
        public void check(List<String> before, List<Deed<String>> deeds, List<String> after) {
            Prefixes.checkAppended(before, deeds, after);
        }
    }

    @CrashTest(files = true)
    void keepsWhatItAcknowledged(CrashRun run) {
        run.explore(List.of("one", "two", "three"), Subject::new);
    }
}
