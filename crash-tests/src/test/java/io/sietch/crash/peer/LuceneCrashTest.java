package io.sietch.crash.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashModel;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashReport;
import io.sietch.crash.CrashViolation;
import io.sietch.crash.file.CrashFiles;
import io.sietch.crash.peer.LuceneSubject.Care;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Lucene 10.3.2 under the kit with its own promise as the oracle. docs/crash-tests.md tells what was found. A newer
 * version may do better: then these tests fail, and the page is to be corrected.
 */
class LuceneCrashTest {
    private static final int TRIES = Math.max(1, Integer.getInteger(CrashPlan.TRIES_PROPERTY, 1));

    private static CrashExplorer<Map<String, String>, Map<String, String>> explorer(String model, Care care)
            throws ReflectiveOperationException {
        CrashPlan plan = CrashPlan.of("Lucene, " + care + ", " + model, CrashFiles.geometry(8 << 20))
                .withModel((CrashModel) CrashModel.class.getField(model).get(null))
                .withLazyViews()
                .withLimits(5 * TRIES, 4 * TRIES, 1, 1)
                .withSecondCrashes(20L * TRIES);
        return new CrashExplorer<>(() -> new LuceneSubject(care.name()), plan);
    }

    @ParameterizedTest
    @CsvSource({"PREFIX, NONE", "COMMANDS, NAMES", "SECTORS, NAMES", "GARBAGE_SECTORS, NAMES"})
    void whatWasCommittedIsThere(String model, Care care) throws ReflectiveOperationException {
        CrashReport report = explorer(model, care).explore();
        System.out.println(report);
        assertThat(report.states()).isGreaterThan(30);
    }

    @ParameterizedTest
    @CsvSource({"COMMANDS, 372:c366=1", "SECTORS, 372:v3=1"})
    void anOldCommitThatComesBackWithoutItsFilesIsRefused(String model, String token) {
        assertThatThrownBy(() -> explorer(model, Care.NONE).replay(token))
                .isInstanceOf(CrashViolation.class)
                .hasMessageContaining("Unexpected file read error while reading index")
                .rootCause()
                .hasMessageContaining("/_0.si");
    }
}
