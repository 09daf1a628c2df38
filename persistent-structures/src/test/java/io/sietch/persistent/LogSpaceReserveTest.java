package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How much of a log {@link LogSpace} leaves free for whom. What is alive, and what is owed, the test says; nothing is
 * cleaned.
 */
@Timeout(60)
class LogSpaceReserveTest {
    private static final int LENGTH = 100;
    private static final int BLOCK = 4096;
    private static final long ROOM = LogRig.SEGMENT - BLOCK;

    /** In a log of segments of one slice of cleaning: one for it, two for the ends of the segment. */
    private static final long LOST = 3 * BLOCK;

    private static final class Rig extends LogSpaceRig {
        Rig(int segments, long cleanFrom) throws IOException {
            super(segments, cleanFrom);
        }

        void growTo(int segments) throws IOException {
            rig.extents = first(segments);
            rig.controller.resize(rig.area, rig.extents);
            log.extend();
            rig.settle(log);
        }

        @Override
        public long relocate(LogCursor record) {
            throw new AssertionError("nothing is cleaned here");
        }

        long used() {
            return log.appended() - log.head();
        }

        void append() {
            assertThat(rig.append(log, new byte[LENGTH])).isPositive();
            rig.commit(log);
        }

        /** Appends as long as something holds. */
        void fill(BooleanSupplier asLongAs) {
            while (asLongAs.getAsBoolean()) {
                append();
            }
        }
    }

    /** A log this short has little to reserve; a longer one more for each five segments, as blocks stay unfilled. */
    @ParameterizedTest
    @CsvSource({"3, 1, 1", "4, 2, 1", "7, 2, 1", "8, 5, 4", "10, 5, 4", "11, 6, 5", "40, 11, 10"})
    void whatAddsLeavesTheReserveAndWhatRemovesLeavesThatOfCleaning(int segments, int reserved, int forCleaning)
            throws IOException {
        Rig rig = new Rig(segments, 0);
        rig.fill(() -> rig.space.hasRoomToAdd(LENGTH, 0));
        assertThat(rig.log.spareSegments()).as("beside what adds").isEqualTo(reserved);
        assertThat(rig.space.freeBytes()).isBetween(0L, (long) LogFormat.HEADER_LENGTH + LogFormat.recordBytes(LENGTH));
        rig.fill(() -> rig.space.hasRoomToRemove(LENGTH));
        assertThat(rig.log.spareSegments()).as("beside what removes").isEqualTo(forCleaning);
    }

    /** Once more is dead, cleaning needs its reserve to get at it; and the last segment is nobody's but cleaning's. */
    @Test
    void whatRemovesTakesOfTheReserveOfCleaningWhileNothingIsDead() throws IOException {
        Rig rig = new Rig(16, 0);
        rig.fill(() -> {
            rig.live = rig.used();
            return rig.space.hasRoomToRemove(LENGTH);
        });
        assertThat(rig.log.spareSegments()).isEqualTo(1);
        Rig half = new Rig(16, 0);
        half.fill(() -> {
            half.live = half.used() / 2;
            return half.space.hasRoomToRemove(LENGTH);
        });
        assertThat(half.log.spareSegments()).isGreaterThan(1);
    }

    @Test
    void whatIsOwedIsReservedAsCleaningWillAppendIt() throws IOException {
        Rig rig = new Rig(40, 0);
        rig.owed = 3 * ROOM;
        long taken = rig.owed + rig.owed / 8 + 3 * LOST;
        rig.fill(() -> rig.space.hasRoomToAdd(LENGTH, 0));
        assertThat(rig.log.freeBytes() - rig.space.freeBytes()).isEqualTo(11 * ROOM + taken);
        // Each record here has a commit, and so a block, of its own.
        assertThat(rig.space.freeBytes()).isBetween((long) -BLOCK, (long) BLOCK);
        rig.fill(() -> rig.space.hasRoomToRemove(LENGTH));
        assertThat(rig.log.freeBytes() - 10 * ROOM - taken).isBetween((long) -BLOCK, (long) BLOCK);
    }

    @Test
    void whatWouldBeOwedIsReservedBeforeItIsTaken() throws IOException {
        Rig rig = new Rig(40, 0);
        rig.fill(() -> rig.space.hasRoomToAdd(LENGTH, 3 * ROOM));
        assertThat(rig.space.freeBytes()).isBetween(3 * ROOM, 5 * ROOM);
    }

    @Test
    void whatMayAsWellStayAwayLeavesTwoSegmentsMore() throws IOException {
        Rig rig = new Rig(40, 0);
        rig.fill(() -> rig.space.hasRoomBeside(LENGTH));
        assertThat(rig.space.freeBytes()).isBetween(2 * ROOM, 2 * ROOM + 1000);
    }

    /** An eighth more for headers, and blocks unfilled; of 40 segments 11 are reserved and 2 under way. */
    @Test
    void whatFitsIsWhatACleanLogHoldsBesideTheReserve() throws IOException {
        Rig rig = new Rig(40, 0);
        rig.live = 100_000;
        rig.owed = 50_000;
        long more = 0;
        for (long step = 1 << 21; step > 0; step /= 2) {
            more += rig.space.fits(more + step) ? step : 0;
        }
        long fitting = more + rig.live + rig.owed;
        assertThat(fitting + fitting / 8 + fitting / ROOM * LOST).isBetween(27 * ROOM - 2, 27 * ROOM);
        assertThat(rig.space.isSmall()).isFalse();
    }

    @Test
    void aLogOfLessThanEightSegmentsIsSmall() throws IOException {
        Rig seven = new Rig(7, 0);
        assertThat(seven.space.isSmall()).isTrue();
        seven.growTo(8);
        assertThat(seven.space.isSmall()).isFalse();
        assertThat(new Rig(8, 0).space.isSmall()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, 2", "0, 40", "0, 60", "1000000, 2"})
    void cleaningIsDueWhenMoreIsDeadThanAlive(long cleanFrom, int percentAlive) throws IOException {
        Rig rig = new Rig(40, cleanFrom);
        rig.fill(() -> {
            rig.live = rig.used() * percentAlive / 100;
            long compact = rig.live + rig.live / 8 + rig.live / ROOM * LOST;
            boolean due = rig.used() > cleanFrom && rig.used() > Math.max(2 * rig.live, compact + 2 * ROOM);
            assertThat(rig.space.isCleaningDue()).as("with " + rig.used()).isEqualTo(due);
            return rig.space.freeBytes() > 2 * ROOM + 1000;
        });
        assertThat(rig.used()).isGreaterThan(20 * ROOM);
    }

    @Test
    void cleaningIsDueForWantOfRoomWhenTwoSegmentsAreLeft() throws IOException {
        Rig rig = new Rig(40, 0);
        rig.fill(() -> {
            rig.live = rig.used() * 3 / 4;
            assertThat(rig.space.isCleaningDue()).isEqualTo(rig.space.freeBytes() < 2 * ROOM);
            return rig.space.hasRoomToAdd(LENGTH, 0);
        });
        assertThat(rig.space.isRoomComing()).isTrue();
        rig.live = rig.used() - ROOM;
        assertThat(rig.space.isRoomComing()).as("with less than a segment dead").isFalse();
    }
}
