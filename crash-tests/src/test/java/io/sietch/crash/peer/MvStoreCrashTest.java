package io.sietch.crash.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashGeometry;
import io.sietch.crash.CrashModel;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashReport;
import io.sietch.crash.CrashViolation;
import io.sietch.crash.file.CrashFiles;
import io.sietch.crash.peer.MvStoreSubject.Care;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * H2 MVStore 2.4.240 under the kit, unchanged, with its own promise as the oracle. docs/crash-tests.md tells what was
 * found. A newer version may do better: then these tests fail, and the page is to be corrected.
 */
class MvStoreCrashTest {
    private static CrashExplorer<Map<String, String>, Map<String, String>> explorer(
            Care care, CrashModel model, CrashGeometry geometry) {
        CrashPlan plan = CrashPlan.of("MVStore, " + care, geometry)
                .withModel(model)
                .withLazyViews()
                .withLimits(60, 16, 1, 2);
        return new CrashExplorer<>(() -> new MvStoreSubject(care), plan);
    }

    private static CrashViolation violation(Care care, CrashModel model, CrashGeometry geometry) {
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
    }

    @Test
    void aCommitThatWasTornIsTakenForWhole() {
        assertThat(violation(Care.CREATION, CrashModel.SECTORS, CrashFiles.geometry(1 << 20)))
                .hasMessageContaining("(/store from byte ");
    }

    @Test
    void soItIsWhereSectorsHave4096Bytes() {
        CrashGeometry geometry = CrashFiles.geometry(4 << 20).withSectors(4096);
        assertThat(violation(Care.CREATION, CrashModel.SECTORS, geometry)).hasMessageContaining("(/store from byte ");
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void aStoreWhoseDirectoryNobodySyncedIsGone(int sectorSize) {
        CrashGeometry geometry = CrashFiles.geometry(4 << 20).withSectors(sectorSize);
        assertThat(violation(Care.NONE, CrashModel.PREFIX, geometry)).hasMessageContaining("writes are lost");
    }
}
