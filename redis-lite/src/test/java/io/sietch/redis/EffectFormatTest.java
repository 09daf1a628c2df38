package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The bytes of each record, and what replay makes of bytes that are no record. */
class EffectFormatTest {
    private final KeyspaceHarness harness = new KeyspaceHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    /** The record that the last of these requests left. */
    private String record(String... lines) {
        for (String line : lines) {
            assertThat(harness.line(line)).doesNotStartWith("-");
        }
        return HexFormat.of().formatHex(harness.journal.entries().getLast().bytes());
    }

    @Test
    void aSetHoldsItsKeyTimeAndValue() {
        assertThat(record("SET key value"))
                .isEqualTo("01000000" + "03000000" + "ffffffffffffffff" + "6b6579" + "76616c7565");
        assertThat(record("SET k v PXAT 1900000000000"))
                .isEqualTo("01000000" + "01000000" + "0038d360ba010000" + "6b" + "76");
        assertThat(record("SET '' ''")).isEqualTo("01000000" + "00000000" + "ffffffffffffffff");
    }

    @Test
    void aCounterIsRecordedByItsResult() {
        assertThat(record("SET k 41", "INCR k"))
                .isEqualTo("01000000" + "01000000" + "ffffffffffffffff" + "6b" + "3432");
    }

    @Test
    void aDeletionHoldsItsKey() {
        assertThat(record("SET key v", "DEL key")).isEqualTo("02000000" + "03000000" + "6b6579");
    }

    @Test
    void aTimeToLiveIsAMomentOrNone() {
        assertThat(record("SET k v", "PEXPIREAT k 1900000000000"))
                .isEqualTo("03000000" + "01000000" + "0038d360ba010000" + "6b");
        assertThat(record("PERSIST k")).isEqualTo("03000000" + "01000000" + "ffffffffffffffff" + "6b");
    }

    @Test
    void aPartOfALongValueIsRecordedAlone() {
        assertThat(record("SET k " + "x".repeat(600), "SETRANGE k 513 yz"))
                .isEqualTo("04000000" + "01000000" + "01020000" + "00000000" + "6b" + "797a");
        assertThat(record("APPEND k !")).isEqualTo("04000000" + "01000000" + "58020000" + "00000000" + "6b" + "21");
    }

    @Test
    void aCheckpointHoldsHowManyBytesFollow() throws EffectException {
        byte[] bytes = new byte[8 + 16];
        EffectFormat.checkpoint(MemorySegment.ofArray(bytes), 0, 16);
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("08000000" + "10000000" + "00".repeat(16));
        apply(bytes, 7776);
        assertThat(harness.dump()).isEmpty();
        assertThatThrownBy(() -> apply("08000000" + "11000000" + "00".repeat(16)))
                .isInstanceOf(EffectException.class)
                .hasMessageContaining("of another length");
    }

    @Test
    void aRenameHoldsTheValueAndTheOldKey() {
        assertThat(record("SET old v", "RENAME old n"))
                .isEqualTo("07000000" + "02000000"
                        + "12000000" + "00000000" + "01000000" + "01000000" + "ffffffffffffffff" + "6e" + "76"
                        + "000000000000"
                        + "0b000000" + "00000000" + "02000000" + "03000000" + "6f6c64" + "0000000000");
    }

    @Test
    void aFlushHoldsNothing() {
        assertThat(record("SET k v", "FLUSHALL")).isEqualTo("06000000" + "00000000");
    }

    @Test
    void aBatchHoldsItsEffectsOnMultiplesOfEight() {
        assertThat(record("MSET a 1 bc 2345678"))
                .isEqualTo("07000000" + "02000000"
                        + "12000000" + "00000000" + "01000000" + "01000000" + "ffffffffffffffff" + "61" + "31"
                        + "000000000000"
                        + "19000000" + "00000000" + "01000000" + "02000000" + "ffffffffffffffff" + "6263"
                        + "32333435363738" + "00000000000000");
        assertThat(record("DEL a bc"))
                .isEqualTo("07000000" + "02000000" + "09000000" + "00000000" + "02000000" + "01000000" + "61"
                        + "00000000000000" + "0a000000" + "00000000" + "02000000" + "02000000" + "6263"
                        + "000000000000");
        assertThat(record("SETRANGE z 600 q"))
                .isEqualTo("07000000" + "02000000" + "11000000" + "00000000" + "01000000" + "01000000"
                        + "ffffffffffffffff" + "7a" + "00000000000000" + "12000000" + "00000000" + "04000000"
                        + "01000000" + "58020000" + "00000000" + "7a" + "71" + "000000000000");
    }

    @Test
    void anUnknownKindIsRefusedByNameAndPosition() {
        assertThatThrownBy(() -> apply("09000000" + "00000000" + "0000000000000000"))
                .isInstanceOf(EffectException.class)
                .hasMessageContaining("unknown kind 9")
                .hasMessageContaining("position 7776");
        assertThatThrownBy(() -> apply("07000000" + "01000000" + "08000000" + "00000000" + "07000000" + "00000000"))
                .isInstanceOf(EffectException.class)
                .hasMessageContaining("unknown kind 7");
    }

    @Test
    void lengthsThatDoNotFitAreRefused() {
        for (String bytes : new String[] {
            "010000", // shorter than a head
            "02000000" + "02000000" + "61", // key beyond the end
            "02000000" + "ffffffff" + "61", // negative
            "01000000" + "ffffff7f" + "ffffffffffffffff" + "61",
            "05000000" + "01000000" + "02000000" + "00000000" + "61" + "62", // another length of the new key
            "07000000" + "02000000" + "09000000" + "00000000" + "02000000" + "01000000" + "61" + "00000000000000",
            "07000000" + "01000000" + "ff000000" + "00000000" + "02000000" + "01000000" + "61" + "00000000000000"
        }) {
            assertThatThrownBy(() -> apply(bytes)).as(bytes).isInstanceOf(EffectException.class);
        }
        harness.line("SET a 1");
        assertThatThrownBy(() -> apply("04000000" + "01000000" + "ffffff7f" + "00000000" + "61" + "62"))
                .isInstanceOf(EffectException.class)
                .hasMessageContaining("splices at 2147483647");
    }

    @Test
    void randomBytesAreReplayedOrRefusedAndNothingElse() {
        SplittableRandom random = new SplittableRandom(7);
        int refused = 0;
        for (int i = 0; i < 3_000; i++) {
            byte[] bytes = new byte[random.nextInt(60)];
            for (int k = 0; k < bytes.length; k++) {
                bytes[k] = (byte) (random.nextInt(3) == 0 ? random.nextInt(9) : 0);
            }
            try {
                apply(bytes, (i + 1) * 128L);
            } catch (EffectException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(100, 2_900);
    }

    private void apply(String hex) throws EffectException {
        byte[] bytes = HexFormat.of().parseHex(hex);
        apply(bytes, 7776);
    }

    private void apply(byte[] bytes, long end) throws EffectException {
        harness.journal.adopt(new FakeJournal.Entry(bytes, end));
        harness.keyspace.apply(MemorySegment.ofArray(bytes), 0, bytes.length, end);
    }
}
