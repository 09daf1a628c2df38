package io.sietch.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a failure is the least that makes it: operations, events, sectors. And it comes as a test, too. */
class ShrinkTest {
    private static final List<String> TEXTS = List.of("a", "b", "c", "!d", "!e", "!f");

    /** Crash points at the very beginning and at the end alone. */
    private static final CrashPlan ENDS = SlotStore.plan().withLimits(2, 16, 1, 2);

    private static CrashViolation violation(CrashExplorer<List<String>, String> explorer) {
        return catchThrowableOfType(CrashViolation.class, explorer::explore);
    }

    private static CrashExplorer<List<String>, String> ofList() {
        return CrashExplorer.of(TEXTS, SlotStore::new, ENDS);
    }

    @Test
    void aCrashIsToldAsEarlyAsItMayComeWithTheFewestSectors() {
        CrashViolation found = violation(new CrashExplorer<>(() -> new SlotStore(TEXTS), ENDS));
        assertThat(found.token())
                .as("after one flush and three writes with theirs")
                .isEqualTo("8:v7=1");
        assertThat(found).hasMessageContaining("no prefix of 5 operations with the first 4 in it");
    }

    @Test
    void ofAListOfOperationsThoseAreToldThatAreNeeded() {
        CrashViolation found = violation(ofList());
        assertThat(found.token()).isEqualTo("[3]2:v1=1");
        assertThat(found).hasMessageContaining("  with 1 of 6 operations: [!d]\n");
    }

    @Test
    void aPartThatDoesNotRunOrBreaksAnotherPromiseIsNotTaken() {
        assertThat(violation(CrashExplorer.of(TEXTS, Demanding::new, ENDS)).token())
                .startsWith("[0,1,3]");
    }

    /** Needs its first text, and breaks another promise with two texts only. */
    private static final class Demanding extends SlotStore {
        private final List<String> texts;

        Demanding(List<String> texts) {
            super(texts);
            this.texts = texts;
        }

        @Override
        public void work(Life<String> life) throws IOException {
            if (!texts.contains("a")) {
                throw new IOException("the first text is missing");
            }
            super.work(life);
        }

        @Override
        public void check(List<String> before, List<Deed<String>> deeds, List<String> after) {
            if (texts.size() < 3) {
                throw new AssertionError("another promise");
            }
            super.check(before, deeds, after);
        }
    }

    @Test
    void theTokenOfAPartOfAListReplays() {
        CrashViolation found = violation(ofList());
        assertThatThrownBy(() -> ofList().replay(found.token()))
                .isInstanceOf(CrashViolation.class)
                .hasMessage(found.getMessage());
        ofList().replay("[0]2:v1=1");
        assertThatThrownBy(() -> new CrashExplorer<>(() -> new SlotStore(TEXTS), ENDS).replay(found.token()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CrashExplorer.of");
    }

    @Test
    void theTestThatAFailureWritesCompilesAndFailsInTheSameWay(@TempDir Path directory) throws Exception {
        CrashViolation found = violation(ofList());
        Object test = compiled(found.junitTest(), directory);
        var method = test.getClass().getDeclaredMethod("thePromiseIsKept");
        method.setAccessible(true);
        assertThatThrownBy(() -> method.invoke(test))
                .hasRootCauseMessage(found.getCause().getMessage())
                .cause()
                .isInstanceOf(CrashViolation.class)
                .hasMessageContaining("token \"2:v1=1\"");
    }

    @Test
    void theTestCompilesInTheSubjectsOwnPackage(@TempDir Path directory) throws Exception {
        Class<?> subject = Class.forName("io.sietch.crash.tutorial.NotesTest$Subject");
        String source = JUnitText.of(ENDS.withLazyViews(), subject, "List.of(\"a\\012\")", true, "0:");
        assertThat(source).contains("new NotesTest.Subject(").doesNotContain("UnsupportedOperation");
        compile(source, directory);
    }

    @Test
    void aSubjectThatCannotBeMadeFromOutsideIsLeftToTheReader(@TempDir Path directory) throws Exception {
        SlotStore hidden = new SlotStore(TEXTS) {};
        assertThat(hidden.open(new Life<>(0, new CrashMedia(ENDS.geometry()), new VirtualTime())))
                .isEmpty();
        CrashViolation found = violation(new CrashExplorer<>(() -> new SlotStore(TEXTS) {}, ENDS));
        Object test = compiled(found.junitTest(), directory);
        var method = test.getClass().getDeclaredMethod("thePromiseIsKept");
        method.setAccessible(true);
        assertThatThrownBy(() -> method.invoke(test)).hasRootCauseInstanceOf(UnsupportedOperationException.class);
    }

    /** An object of the class that this source has, in this package. */
    private static Object compiled(String source, Path directory) throws Exception {
        byte[] bytes =
                Files.readAllBytes(directory.resolve("io/sietch/crash/" + compile(source, directory) + ".class"));
        var constructor = MethodHandles.lookup().defineClass(bytes).getDeclaredConstructor();
        constructor.setAccessible(true);
        return constructor.newInstance();
    }

    /** Compiles a class and says its name. */
    private static String compile(String source, Path directory) throws IOException {
        Matcher name = Pattern.compile("class (\\w+) \\{").matcher(source);
        assertThat(name.find()).isTrue();
        Path file = Files.writeString(directory.resolve(name.group(1) + ".java"), source);
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-Xlint:all,-processing,-classfile,-path",
                        "-Werror",
                        "-cp",
                        path,
                        "-d",
                        directory.toString(),
                        file.toString());
        assertThat(status).as(source).isZero();
        return name.group(1);
    }
}
