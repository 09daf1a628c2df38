package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who puts without end waits often and shortly: cleaning takes its share, never a turn of the whole log. */
@Timeout(60)
class TablePaceTest {
    /** About twice the bytes of the keys and values. */
    private static final int SEGMENT = 1 << 20;

    private static final long AREA = 80L * SEGMENT;

    private static final int KEYS = 41_000;
    private static final MemorySegment VALUE = TableRig.bytes("x".repeat(1000));
    private final MemorySegment key = Arena.ofAuto().allocate(16, 8);

    /** Puts that are handed over in one turn, as far as they are taken. */
    private static final int PUTS_OF_A_TURN = 300;

    /** What was written and flushed is told of after so many. */
    private static final int FLUSH_TURNS = 4;

    private final TableRig rig = new TableRig(new RamMedia(AREA));
    private TableCore table;
    private int turns;
    private int refusedTurns;
    private int mostRefused;

    @BeforeEach
    void load() throws IOException {
        rig.options = rig.options.withCheckpointBytes(256 << 10).withIndexLines(64);
        rig.log.options = rig.log.options.withSegmentBytes(SEGMENT).withBatches(4, 1 << 20);
        table = rig.open();
        for (int i = 0; i < KEYS; i++) {
            while (put(i) == LogCore.BUSY) {
                table.commit();
                rig.poll(table);
            }
        }
        rig.commit(table);
    }

    private void key(int number) {
        key.set(Layouts.LONG, 0, number * 0x9E3779B97F4A7C15L);
        key.set(Layouts.LONG, 8, number);
    }

    private long put(int number) {
        key(number);
        return table.put(key, 0, 16, VALUE, 0, 1000);
    }

    /** One turn of somebody who always has more to put. */
    private void turn(Random random, int keys) {
        boolean taken = false;
        for (int i = 0; i < PUTS_OF_A_TURN; i++) {
            long end = put(random.nextInt(keys));
            assertThat(end).isNotIn(LogCore.NO_SPACE, LogCore.FAILED);
            if (end == LogCore.BUSY) {
                break;
            }
            taken = true;
        }
        refusedTurns = taken ? 0 : refusedTurns + 1;
        mostRefused = Math.max(mostRefused, refusedTurns);
        table.commit();
        table.poll();
        if (++turns % FLUSH_TURNS == 0) {
            rig.log.controller.poll();
        }
    }

    /** Keys of all, by turns; and of a few, so that the oldest segments are alive to the last byte. */
    @ParameterizedTest
    @CsvSource({"41000", "300"})
    void aPutIsTakenAgainWhenAFlushOrTwoHaveEnded(int keys) {
        Random random = new Random(keys);
        for (long end = table.log().appended() + 2 * AREA; table.log().appended() < end; ) {
            turn(random, keys);
        }
        assertThat(table.figures().relocatedBytes()).isGreaterThan(AREA / 2);
        assertThat(table.figures().checkpointBytes()).isGreaterThan(KEYS * 10L);
        assertThat(mostRefused).isLessThanOrEqualTo(3 * FLUSH_TURNS);
    }

    @Test
    void theAreaThatIsWantedHoldsNoMoreThanWasAskedFor() {
        double asked = table.figures().keyAndValueBytes() * rig.options.spaceAmplification();
        assertThat((double) table.wantedAreaBytes()).isLessThanOrEqualTo(asked);
    }
}
