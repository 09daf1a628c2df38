package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.persistent.LogCorruptException;
import io.sietch.persistent.LogPlace;
import java.lang.foreign.ValueLayout;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Records that are damaged while the server runs are told of with their position, and the rest is served. */
class KeyspaceDamageTest {
    private static final int LENGTH = -8;

    private final KeyspaceHarness harness = new KeyspaceHarness();
    private final LogPlace place = new LogPlace();

    @AfterEach
    void close() {
        harness.close();
    }

    /** Where the record of a SET of a key and a value of one byte each is. */
    private long set(String line) {
        harness.line(line);
        return LogPlace.payload(harness.position, (int) EffectFormat.setLength(1, 1));
    }

    private void damage(long position, int at, int value) {
        harness.journal.locate(position, place);
        place.segment().set(ValueLayout.JAVA_INT_UNALIGNED, place.offset() + at, value);
    }

    private void assertTold(long position, String line) {
        assertThatThrownBy(() -> harness.line(line))
                .asInstanceOf(InstanceOfAssertFactories.type(LogCorruptException.class))
                .satisfies(damage -> {
                    assertThat(damage.position()).isEqualTo(position);
                    assertThat(CommandHandler.failure(damage))
                            .startsWith("ERR ")
                            .contains("position " + position);
                });
    }

    private void assertOthersAreServed() {
        assertThat(harness.line("SET b 2")).isEqualTo("+OK\r\n");
        assertThat(harness.line("GET b")).isEqualTo("$1\r\n2\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        LENGTH + ", 1073741824",
        LENGTH + ", -1",
        LENGTH + ", 3",
        EffectFormat.KIND + ", 99",
        EffectFormat.KEY_LENGTH + ", 100000000",
        EffectFormat.KEY_LENGTH + ", -1"
    })
    void lengthsAndKindsThatCannotBeAreNotFollowed(int at, int value) {
        long a = set("SET a 1");
        damage(a, at, value);
        assertTold(a, "GET a");
        assertTold(a, "SET a 2");
        assertTold(a, "KEYS *");
        assertOthersAreServed();
    }

    @Test
    void anotherKeyInThePlaceOfOneIsNotMerelyAMiss() {
        long a = set("SET a 1");
        damage(a, EffectFormat.LONG_HEAD, 'z');
        assertTold(a, "GET a");
        assertTold(a, "KEYS *");
        assertOthersAreServed();
    }

    @Test
    void whatWasClaimedIsGivenBack() {
        long a = set("SET a 1");
        harness.journal.locate(a, place);
        // A time that has passed, of a key that had none: it is removed when it is looked up.
        place.segment().set(ValueLayout.JAVA_LONG_UNALIGNED, place.offset() + EffectFormat.EXPIRE_AT, 1);
        assertTold(a, "GET a");
        assertOthersAreServed();
    }

    @Test
    void aKeyThatCannotBeRemovedInTimeDoesNotKeepOthers() {
        long t = set("SET t 1 PX 1000");
        set("SET u 1 PX 2000");
        damage(t, EffectFormat.LONG_HEAD, 'z');
        harness.now += 3000;
        harness.keyspace.expireCycle(harness.now, 100);
        assertThat(harness.keyspace.expiredKeys()).isOne();
        assertThat(harness.keyspace.damage())
                .isNotNull()
                .extracting(LogCorruptException::position)
                .isEqualTo(t);
        assertOthersAreServed();
    }

    /** The second looks as if the key had been set anew. */
    @ParameterizedTest
    @CsvSource({EffectFormat.LONG_HEAD + ", 122", EffectFormat.KIND + ", " + EffectFormat.SET})
    void theBaseOfAKeyIsNotTrimmedWhenItsLastRecordIsDamaged(int damagedAt, int value) {
        long base = set("SET a 1");
        harness.line("EXPIRE a 100");
        long last = LogPlace.payload(harness.position, (int) EffectFormat.expireLength(1));
        damage(last, damagedAt, value);
        LogPlace at = new LogPlace();
        harness.journal.locate(base, at);
        assertThatThrownBy(() -> harness.keyspace.relocate(at.segment(), at.offset(), base))
                .isInstanceOf(LogCorruptException.class);
    }

    @Test
    void aBaseThatIsNoneAnyMoreIsNotRead() {
        long base = set("SET a 1");
        harness.line("EXPIRE a 100");
        damage(base, LENGTH, 1 << 20);
        assertTold(base, "GET a");
        assertOthersAreServed();
    }
}
