package io.sietch.crash.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashGeometry;
import io.sietch.crash.CrashModel;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashReport;
import io.sietch.crash.CrashSubject;
import io.sietch.crash.CrashViolation;
import io.sietch.crash.file.CrashFiles;
import io.sietch.crash.mutant.Edit;
import io.sietch.crash.mutant.Mutant;
import io.sietch.crash.peer.MvStoreSubject.Care;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * H2 MVStore 2.4.240 under the kit with its own promise as the oracle. docs/crash-tests.md tells what was
 * found. A newer version may do better: then these tests fail, and the page is to be corrected.
 */
class MvStoreCrashTest {
    /**
     * MVStore writes the time of day into its chunks, as text. Its clock stands still here, so that every run is the
     * same; nothing else of it is changed.
     */
    private static final Mutant.Loader H2 = Mutant.of(
                    "a clock that stands still",
                    "org.h2.mvstore.MVStore",
                    "getTimeAbsolute",
                    Edit.skipCall("currentTimeMillis", 1_000_000_000),
                    1)
            .and(
                    "org.h2.mvstore.FileStore",
                    "processCommonHeaderAttributes",
                    Edit.skipCall("currentTimeMillis", 1_000_000_000),
                    1)
            .loader("org.h2.", "io.sietch.crash.peer.");

    @SuppressWarnings("unchecked") // the loader makes what its name says
    private static CrashSubject<Map<String, String>, Map<String, String>> subject(Care care) {
        return (CrashSubject<Map<String, String>, Map<String, String>>)
                H2.make(MvStoreSubject.class.getName(), new Class<?>[] {String.class}, care.name());
    }

    private static CrashExplorer<Map<String, String>, Map<String, String>> explorer(
            Care care, CrashModel model, CrashGeometry geometry) {
        CrashPlan plan = CrashPlan.of("MVStore, " + care, geometry)
                .withModel(model)
                .withLazyViews()
                .withLimits(60, 16, 1, 2);
        return new CrashExplorer<>(() -> subject(care), plan);
    }

    /** What exploring finds; the token that docs/crash-tests.md names shows it, too. */
    private static CrashViolation violation(Care care, CrashModel model, CrashGeometry geometry, String token) {
        assertThatThrownBy(() -> explorer(care, model, geometry).replay(token)).isInstanceOf(CrashViolation.class);
        CrashViolation found = catchThrowableOfType(
                CrashViolation.class, () -> explorer(care, model, geometry).explore());
        assertThat(found).as("violation with " + care + " in " + model).isNotNull();
        System.out.println(String.valueOf(found.getMessage()).replaceAll("=(life [^,]{30})[^,}]*", "=$1..."));
        return found;
    }

    @Test
    void whatWasCommittedAndSyncedIsThereIfWritesSurviveInTheirOrder() {
        CrashReport report = explorer(Care.CREATION, CrashModel.PREFIX, CrashFiles.geometry(1 << 20))
                .explore();
        System.out.println(report);
        assertThat(report.states()).isGreaterThan(500);
        assertThat(H2.applied()).isEqualTo(2);
    }

    @Test
    void aCommitThatWasTornIsTakenForWhole() {
        assertThat(violation(Care.CREATION, CrashModel.SECTORS, CrashFiles.geometry(1 << 20), "21:v155=1"))
                .hasMessageContaining("(/store from byte ");
    }

    @Test
    void soItIsWhereSectorsHave4096Bytes() {
        CrashGeometry geometry = CrashFiles.geometry(4 << 20).withSectors(4096);
        assertThat(violation(Care.CREATION, CrashModel.SECTORS, geometry, "30:v137=1"))
                .hasMessageContaining("(/store from byte ");
    }

    @ParameterizedTest
    @CsvSource({"512, 13:p0=7", "4096, 11:p0=6"})
    void aStoreWhoseDirectoryNobodySyncedIsGone(int sectorSize, String token) {
        CrashGeometry geometry = CrashFiles.geometry(4 << 20).withSectors(sectorSize);
        assertThat(violation(Care.NONE, CrashModel.PREFIX, geometry, token)).hasMessageContaining("writes are lost");
    }
}
