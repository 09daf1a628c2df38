package io.sietch.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Code that stores straight into a mapping is found out when it forgets to force, and when it forces in disorder. */
class CrashMappingTest {
    private static final int PAGE = CrashMapping.PAGE;

    /** Forces what was stored to a range. */
    private interface Forcing {
        void force(long offset, long length) throws IOException;
    }

    private enum Bug {
        NONE,
        /** The count is not forced before a note is acknowledged. */
        NO_FORCE_OF_THE_COUNT,
        /** The text is not forced before it counts, but together with the count. */
        ONE_FORCE_FOR_BOTH,
        /** What is found may be in the cache only, and is shown. */
        NO_FORCE_AT_OPENING
    }

    /** A store in memory that is not told what it stands on: a page with a count, and a page with notes. */
    private static final class MappedNotes {
        private static final int NOTE = 64;

        private final Bug bug;
        private final MemorySegment memory;
        private final Forcing forcing;

        MappedNotes(Bug bug, MemorySegment memory, Forcing forcing) throws IOException {
            this.bug = bug;
            this.memory = memory;
            this.forcing = forcing;
            if (bug != Bug.NO_FORCE_AT_OPENING) {
                forcing.force(0, memory.byteSize());
            }
        }

        private int count() {
            return (int) memory.get(ValueLayout.JAVA_LONG, 0);
        }

        List<String> all() {
            List<String> notes = new ArrayList<>();
            for (int i = 0; i < count(); i++) {
                notes.add(memory.getString(PAGE + (long) i * NOTE));
            }
            return notes;
        }

        void add(String note) throws IOException {
            memory.setString(PAGE + (long) count() * NOTE, note);
            if (bug != Bug.ONE_FORCE_FOR_BOTH) {
                forcing.force(PAGE, PAGE);
            }
            memory.set(ValueLayout.JAVA_LONG, 0, count() + 1L);
            if (bug == Bug.ONE_FORCE_FOR_BOTH) {
                forcing.force(0, 2 * PAGE);
            } else if (bug != Bug.NO_FORCE_OF_THE_COUNT) {
                forcing.force(0, Long.BYTES);
            }
        }
    }

    private static final class Subject implements CrashSubject<List<String>, String> {
        private final Bug bug;
        private @Nullable MappedNotes notes;

        Subject(Bug bug) {
            this.bug = bug;
        }

        @Override
        public List<String> open(Life<String> life) throws IOException {
            CrashMapping mapping = CrashMapping.of(life.media());
            MappedNotes opened = new MappedNotes(bug, mapping.segment(), mapping::force);
            notes = opened;
            return opened.all();
        }

        @Override
        public void work(Life<String> life) throws IOException {
            for (String text : List.of("a note of two words", "another one, and longer", "short")) {
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

    private static CrashExplorer<List<String>, String> explorer(Bug bug) {
        return new CrashExplorer<>(
                () -> new Subject(bug), CrashPlan.of("notes in memory, " + bug, CrashMapping.geometry(2 * PAGE)));
    }

    @Test
    void notesThatAreForcedInOrderSurvive() {
        CrashReport report = explorer(Bug.NONE).explore();
        System.out.println(report);
        assertThat(report.states()).isGreaterThan(300);
    }

    @ParameterizedTest
    @CsvSource({
        "NO_FORCE_OF_THE_COUNT, word 0 of page 0",
        "ONE_FORCE_FOR_BOTH,    word 0 of page 0",
        "NO_FORCE_AT_OPENING,   killed"
    })
    void aForceThatIsMissingIsFound(Bug bug, String told) {
        CrashExplorer<List<String>, String> explorer = explorer(bug);
        CrashViolation found = catchThrowableOfType(CrashViolation.class, explorer::explore);
        assertThat(found).hasMessageContaining("broke a promise").hasMessageContaining(told);
        assertThatThrownBy(() -> explorer(bug).replay(found.token())).isInstanceOf(CrashViolation.class);
    }

    @Test
    void aWordKeepsAnyValueThatItWasSeenToHold() throws IOException {
        CrashMedia media = new CrashMedia(CrashMapping.geometry(PAGE));
        CrashMapping mapping = CrashMapping.of(media);
        mapping.segment().set(ValueLayout.JAVA_LONG, 8, 1);
        mapping.force();
        mapping.segment().set(ValueLayout.JAVA_LONG, 8, 2);
        mapping.observe();
        mapping.segment().set(ValueLayout.JAVA_LONG, 8, 3);
        mapping.segment().set(ValueLayout.JAVA_LONG, 16, 4);
        mapping.observe();
        mapping.observe();
        assertThat(media.events()).as("a look without news is no event").isEqualTo(4);
        List<Long> values = new ArrayList<>();
        ChoiceTree tree = new ChoiceTree();
        do {
            MemorySegment left = CrashMapping.of(CrashMedia.on(media.crash(CrashModel.SECTORS, tree)))
                    .segment();
            values.add(10 * left.get(ValueLayout.JAVA_LONG, 8) + left.get(ValueLayout.JAVA_LONG, 16));
        } while (tree.next());
        assertThat(values).containsExactlyInAnyOrder(10L, 14L, 20L, 24L, 30L, 34L);
    }

    @Test
    void forcingAPageLeavesTheOthers() throws IOException {
        CrashMedia media = new CrashMedia(CrashMapping.geometry(2 * PAGE));
        CrashMapping mapping = CrashMapping.of(media);
        mapping.segment().fill((byte) 1);
        mapping.force(PAGE + 100, 1);
        MemorySegment left = CrashMapping.of(CrashMedia.on(media.crash(CrashModel.SECTORS, Choices.OLDEST)))
                .segment();
        assertThat(left.get(ValueLayout.JAVA_BYTE, PAGE - 1)).isZero();
        assertThat(left.get(ValueLayout.JAVA_BYTE, PAGE)).isEqualTo((byte) 1);
        assertThat(left.get(ValueLayout.JAVA_BYTE, 2 * PAGE - 1)).isEqualTo((byte) 1);
    }

    @Test
    void otherMediaAreRefused() {
        assertThatThrownBy(() -> CrashMapping.of(new CrashMedia(CrashGeometry.of(64 << 10))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CrashMapping.geometry");
        assertThatThrownBy(() -> CrashMapping.geometry(5000)).isInstanceOf(IllegalArgumentException.class);
    }
}
