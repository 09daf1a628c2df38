package io.sietch.crash.tutorial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashViolation;
import io.sietch.crash.mutant.Edit;
import io.sietch.crash.mutant.Mutant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** What docs/crash-tests.md tells of a store that forgets to force its file is true to the letter. */
class TutorialTest {
    private static final Path ROOT = Path.of(System.getProperty("basedir", "."));
    private static final Path SOURCES = ROOT.resolve("src/test/java/io/sietch/crash/tutorial");

    private static TestExecutionSummary run(Class<?> test) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(test))
                .filters(EngineFilter.includeEngines("junit-jupiter", "jqwik"))
                .configurationParameter("jqwik.database", "target/jqwik-database-of-tutorial")
                .configurationParameter("jqwik.reporting.onlyfailures", "true")
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        return listener.getSummary();
    }

    /** The test with notes that are not forced. */
    private static Class<?> forgetful() throws ClassNotFoundException {
        return forgetful(NotesTest.class);
    }

    private static Class<?> forgetful(Class<?> test) throws ClassNotFoundException {
        Mutant mutant = Mutant.of("notes are not forced", Notes.class.getName(), "add", Edit.skipCall("force", 0), 1);
        return mutant.loader("io.sietch.crash.tutorial.Notes").loadClass(test.getName());
    }

    private static CrashViolation violation(Class<?> test) {
        TestExecutionSummary summary = run(test);
        assertThat(summary.getTestsStartedCount()).isEqualTo(1);
        assertThat(summary.getFailures()).hasSize(1);
        return (CrashViolation) summary.getFailures().getFirst().getException();
    }

    @Test
    void theStoreOfTheTutorialFailsAsItIsToldThere() throws Exception {
        CrashViolation found = violation(forgetful());
        System.out.println(found.getMessage());
        assertThat(tutorial()).contains("```\n" + found.getMessage() + "\n```");
    }

    @Test
    void thePropertyOfTheTutorialFailsWithOneNote() throws Exception {
        CrashViolation found = violation(forgetful(NotesPropertyTest.class));
        assertThat(found.token()).isEqualTo(violation(forgetful()).token().replace("[0]", ""));
        assertThat(found.getMessage()).contains("at most:  [A]");
        assertThat(run(NotesPropertyTest.class).getFailures()).isEmpty();
    }

    @Test
    void aTokenGivenAsAPropertyReplaysTheFailureAlone() throws Exception {
        CrashViolation found = violation(forgetful());
        System.setProperty(CrashPlan.TOKEN_PROPERTY, found.token());
        try {
            assertThat(violation(forgetful())).hasMessage(found.getMessage());
            assertThat(run(NotesTest.class).getFailures()).isEmpty();
            System.setProperty(CrashPlan.TOKEN_PROPERTY, "9:");
            assertThat(run(forgetful()).getFailures())
                    .as("of a crash that loses nothing, and of no other")
                    .isEmpty();
        } finally {
            System.clearProperty(CrashPlan.TOKEN_PROPERTY);
        }
    }

    @Test
    void theSourcesOfTheTutorialAreThoseThatAreCompiled() throws IOException {
        assertThat(tutorial())
                .contains(
                        body("Notes.java", "        file.force(true);\n"),
                        body("NotesTest.java", ""),
                        body("NotesPropertyTest.java", ""));
    }

    @Test
    void theTutorialSaysWhereTheNamesOfTheKitAreFrom() throws IOException {
        String imports = Files.readAllLines(SOURCES.resolve("NotesTest.java")).stream()
                .filter(line -> line.startsWith("import io.sietch."))
                .collect(Collectors.joining("\n"));
        assertThat(tutorial()).contains("```java\n" + imports + "\n```");
    }

    private static String tutorial() throws IOException {
        return Files.readString(ROOT.resolve("../docs/crash-tests.md"));
    }

    /** A source without its imports, and without a line that the tutorial leaves out. */
    private static String body(String file, String leftOut) throws IOException {
        List<String> lines = Files.readAllLines(SOURCES.resolve(file));
        String text = lines.stream()
                .filter(line -> !line.startsWith("package ") && !line.startsWith("import "))
                .collect(Collectors.joining("\n"))
                .strip();
        assertThat(text).contains(leftOut);
        return text.replace(leftOut, "");
    }
}
