package io.sietch.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sietch.vsic.DmaBuffer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The page about a failure says what was promised, what was found, and which writes the crash took. */
class CrashPageTest {
    /** A store that flushes one write of two, and finds what HTML must not take for its own. */
    private static final class Careless implements CrashSubject<String, String> {
        private final DmaBuffer buffer = DmaBuffer.allocate(4096, 4096, Arena.ofAuto());

        @Override
        public String open(Life<String> life) throws IOException {
            life.media().read(4096, buffer, 0, 4096);
            return buffer.segment().get(ValueLayout.JAVA_BYTE, 0) == 7 ? "all" : "<nothing> & \"none\"";
        }

        @Override
        public void work(Life<String> life) throws IOException {
            buffer.segment().fill((byte) 7);
            life.media().write(0, buffer, 0, 4096);
            life.media().flush();
            int number = life.attempt("keep <this>");
            life.media().write(4096, buffer, 0, 4096);
            life.acknowledge(number);
        }

        @Override
        public void check(String before, List<Deed<String>> deeds, String after) {
            if (deeds.stream().anyMatch(Deed::acknowledged) && !after.equals("all")) {
                throw new AssertionError("lost: " + deeds.getFirst().operation());
            }
        }
    }

    private static String page() {
        CrashPlan plan = CrashPlan.of("careless", CrashGeometry.of(1 << 16));
        CrashViolation violation =
                catchThrowableOfType(CrashViolation.class, () -> new CrashExplorer<>(Careless::new, plan).explore());
        assertThat(violation).isNotNull();
        return CrashPage.of(violation, "replay '" + violation.token() + "'");
    }

    @Test
    void whatWasFlushedAndWhatWasLostAreTold() {
        assertThat(page())
                .contains("<td class=\"n\">0&ndash;7</td><td class=\"e durable\">D</td>")
                .contains("<td class=\"n\">8</td><td class=\"e \"></td><td class=\"e flush\">F</td><td class=\"e"
                        + " lost\">L</td>")
                .contains("<td class=\"n\">9&ndash;15</td>")
                .contains("<td class=\"e kept\">K</td><td>as event 2 left it</td>")
                .contains("keep &lt;this&gt;")
                .contains("acknowledged: it must be there")
                .contains("&lt;nothing&gt; &amp; &quot;none&quot;");
    }

    @Test
    void thePageNeedsNoOtherFile() {
        assertThat(page()).startsWith("<!DOCTYPE html>").doesNotContain("src=", "href=", "http", "<nothing>", "<this>");
    }
}
