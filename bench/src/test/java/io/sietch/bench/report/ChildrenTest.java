package io.sietch.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ChildrenTest {
    @TempDir
    Path directory;

    @Test
    void aProcessThatSaysItsLineIsKilledAndWhatItSaidBeforeIsKept() throws Exception {
        try (Children children = new Children(directory)) {
            String said = children.runAndKill(
                    List.of("sh", "-c", "echo $$; echo ready; exec tail -f /dev/null"), "ready", 30);
            assertThat(ProcessHandle.of(Long.parseLong(said.strip())).filter(ProcessHandle::isAlive))
                    .isEmpty();
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aProcessThatEndsBeforeItsLineIsAFailureWithItsLastWords() throws Exception {
        try (Children children = new Children(directory)) {
            assertThatThrownBy(() -> children.runAndKill(List.of("sh", "-c", "echo no room; exit 3"), "ready", 30))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("ended with 3")
                    .hasMessageEndingWith("no room");
        }
    }
}
