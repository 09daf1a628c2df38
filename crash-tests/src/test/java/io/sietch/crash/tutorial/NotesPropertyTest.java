package io.sietch.crash.tutorial;

import io.sietch.crash.jqwik.CrashProperty;
import io.sietch.crash.junit.CrashRun;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class NotesPropertyTest {
    @CrashProperty(files = true)
    void keepsWhatItAcknowledged(
            @ForAll @Size(max = 4) List<@AlphaChars @StringLength(min = 1, max = 500) String> texts, CrashRun run) {
        run.with(plan -> plan.withLimits(50, 16, 1, 2).withSecondCrashes(100)).explore(texts, NotesTest.Subject::new);
    }
}
