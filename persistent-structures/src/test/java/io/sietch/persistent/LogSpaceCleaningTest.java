package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When {@link LogSpace} goes on cleaning for want of room, and when it says that none will come. */
@Timeout(60)
class LogSpaceCleaningTest {
    /** So long that a segment holds one, and half of it stays empty. */
    private static final int HALF = 33_000;

    private static final int SEGMENTS = 16;
    private static final int TURNS = 2000;

    private static final class Rig extends LogSpaceRig {
        private ToLongFunction<LogCursor> relocating = this::appendAgain;
        private int relocated;

        Rig() throws IOException {
            super(SEGMENTS, 0);
        }

        @Override
        public long relocate(LogCursor record) {
            return relocating.applyAsLong(record);
        }

        private long appendAgain(LogCursor record) {
            long end = log.append(record.segment(), record.offset(), record.length());
            relocated += end > 0 ? 1 : 0;
            return end;
        }

        /** Appends records that all are alive, as long as there is room. */
        void fill() {
            while (space.hasRoomToAdd(HALF, 0)) {
                rig.append(log, new byte[HALF]);
                rig.commit(log);
                live += LogCore.recordBytes(HALF);
            }
        }

        /** Takes turns as long as something is cleaned; says how many there were. */
        int clean() {
            int turns = 0;
            for (; turns < TURNS && space.poll() > 0; turns++) {
                rig.commit(log);
            }
            return turns;
        }
    }

    private static Rig full() throws IOException {
        Rig rig = new Rig();
        rig.fill();
        assertThat(rig.space.isCleaningDue()).isTrue();
        return rig;
    }

    @Test
    void cleaningRestsAfterARoundThatGainedNothing() throws IOException {
        Rig rig = full();
        assertThat(rig.clean()).isLessThan(TURNS);
        assertThat(rig.relocated).isBetween(5, 2 * SEGMENTS);
        assertThat(rig.space.isRoomComing()).isFalse();
    }

    /** The first round found room in plenty; the second one is not judged by that. */
    @Test
    void aRoundBeginsAnewWhenThereWasRoomInBetween() throws IOException {
        Rig rig = full();
        rig.relocating = record -> {
            rig.live -= LogCore.recordBytes(HALF);
            return 0;
        };
        for (int turns = 0; turns < TURNS && rig.space.freeBytes() < 3L * LogRig.SEGMENT; turns++) {
            rig.space.poll();
            rig.rig.commit(rig.log);
        }
        assertThat(rig.space.isCleaningDue()).isFalse();
        rig.relocating = rig::appendAgain;
        rig.fill();
        long records = rig.live / LogCore.recordBytes(HALF);
        rig.clean();
        assertThat((long) rig.relocated).isBetween(records - 1, records + 2);
    }

    @Test
    void noRoomComesWhereCleaningFindsNone() throws IOException {
        Rig rig = full();
        assertThat(rig.space.isRoomComing()).isTrue();
        rig.relocating = record -> LogCore.NO_SPACE;
        rig.space.poll();
        assertThat(rig.space.isCleaningDue()).isTrue();
        assertThat(rig.space.isRoomComing()).isFalse();
    }

    @Test
    void roomComesFromASegmentThatWasCleanedAlready() throws IOException {
        Rig rig = full();
        rig.relocating = record -> 0;
        rig.space.poll();
        rig.live = rig.log.appended() - rig.log.head();
        assertThat(rig.space.isCleaningDue()).isFalse();
        assertThat(rig.space.isRoomComing()).isTrue();
    }

    @Test
    void nothingIsCleanedBehindDamage() throws IOException {
        Rig rig = full();
        rig.relocating = record -> {
            throw new LogCorruptException(record.start(), "damaged by the test");
        };
        rig.space.poll();
        assertThat(rig.space.damage()).isNotNull();
        assertThat(rig.space.isCleaningDue()).isFalse();
        assertThat(rig.space.isRoomComing()).isFalse();
    }
}
