package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Requests and the replies that Redis 7 gives to them; {@link RedisDifferenceTest} asks a real one where there is one.
 */
class KeyspaceCommandsTest {
    private static final String OVERFLOW = "-ERR increment or decrement would overflow";
    private static final String NOT_INTEGER = "-ERR value is not an integer or out of range";
    private static final String TOO_LONG = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)";

    private final KeyspaceHarness harness = new KeyspaceHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    /** Lines and what they reply, in turn; in replies a blank stands for a line break if it is no error or status. */
    private void expect(String... linesAndReplies) {
        for (int i = 0; i < linesAndReplies.length; i += 2) {
            String reply = harness.line(linesAndReplies[i]);
            String shown = reply.substring(0, reply.length() - 2);
            shown = shown.startsWith("-") || shown.startsWith("+") ? shown : shown.replace("\r\n", " ");
            assertThat(shown).as(linesAndReplies[i]).isEqualTo(linesAndReplies[i + 1]);
        }
    }

    @Test
    void setTakesAllItsOptions() {
        expect(
                "SET k a", "+OK",
                "SET k b NX", "$-1",
                "SET k b XX", "+OK",
                "SET n b XX", "$-1",
                "SET k c GET", "$1 b",
                "SET k d NX GET", "$1 c",
                "SET n d NX GET", "$-1",
                "SET k e EX 100", "+OK",
                "SET k f KEEPTTL", "+OK",
                "TTL k", ":100",
                "SET k g", "+OK",
                "TTL k", ":-1",
                "set k h px 1500 get", "$1 g",
                "PTTL k", ":1500",
                "SET k h EXAT 1800000000", "+OK",
                "PEXPIRETIME k", ":1800000000000",
                "SET k h NX XX", "-ERR syntax error",
                "SET k h EX", "-ERR syntax error",
                "SET k h EX 1 PX 1", "-ERR syntax error",
                "SET k h EX 1 KEEPTTL", "-ERR syntax error",
                "SET k h EX 0", "-ERR invalid expire time in 'set' command",
                "SET k h PX -1", "-ERR invalid expire time in 'set' command",
                "SET k h EX x", NOT_INTEGER,
                "SET k h EX 9223372036854775807", "-ERR invalid expire time in 'set' command",
                "SETEX k 0 v", "-ERR invalid expire time in 'setex' command",
                "PSETEX k 9223372036854775807 v", "-ERR invalid expire time in 'psetex' command",
                "GETEX k EX 0", "-ERR invalid expire time in 'getex' command",
                "SET k", "-ERR wrong number of arguments for 'set' command",
                "MSET a 1 b", "-ERR wrong number of arguments for 'mset' command");
    }

    @Test
    void countersStopAtTheEdgesAndLeaveTheValueAlone() {
        expect(
                "SET k 9223372036854775807", "+OK",
                "INCR k", OVERFLOW,
                "GET k", "$19 9223372036854775807",
                "DECRBY k -1", OVERFLOW,
                "INCRBY k -9223372036854775808", ":-1",
                "DECRBY k -9223372036854775808", "-ERR decrement would overflow",
                "SET k -9223372036854775808", "+OK",
                "DECR k", OVERFLOW,
                "INCRBY k -1", OVERFLOW,
                "INCRBY k 0", ":-9223372036854775808",
                "INCRBY k 9223372036854775808", NOT_INTEGER,
                "SET k 007", "+OK",
                "INCR k", NOT_INTEGER,
                "SET k 10 EX 100", "+OK",
                "INCR k", ":11",
                "TTL k", ":100",
                "INCRBYFLOAT k 0.5", "$4 11.5",
                "INCR k", NOT_INTEGER,
                "INCRBYFLOAT k inf", "-ERR increment would produce NaN or Infinity",
                "INCRBYFLOAT k nan", "-ERR value is not a valid float",
                "INCRBYFLOAT f 3.0e3", "$4 3000",
                "INCRBYFLOAT f 0.1", "$22 3000.10000000000000009",
                "INCRBYFLOAT f -3000.1", "$1 0",
                "SET f 10.50", "+OK",
                "INCRBYFLOAT f 0.1", "$4 10.6");
    }

    @Test
    void outOfRangeRequestsChangeAndRecordNothing() {
        expect("SET k v", "+OK", "SET n 9223372036854775807", "+OK");
        int records = harness.journal.entries().size();
        expect(
                "SETRANGE k 2147483647 x", TOO_LONG,
                "SETRANGE none 9223372036854775807 x", TOO_LONG,
                "SETRANGE k -1 x", "-ERR offset is out of range",
                "INCRBY n 9223372036854775807", OVERFLOW,
                "EXPIRE k 9223372036854775807", "-ERR invalid expire time in 'expire' command",
                "PEXPIRE k 9223372036854775807", "-ERR invalid expire time in 'pexpire' command",
                "EXPIRE k -9223372036854775808", "-ERR invalid expire time in 'expire' command",
                "EXPIREAT k 9223372036854775", ":1",
                "PERSIST k", ":1",
                "INCRBY n 9223372036854775808", NOT_INTEGER,
                "SCAN 0 COUNT -9223372036854775808", "-ERR syntax error",
                "GET k", "$1 v");
        assertThat(harness.journal.entries()).hasSize(records + 2);
    }

    @Test
    void aValueMayBeAsLongAsARecordAndNoLonger() {
        int longest = harness.journal.maxRecordBytes() - EffectFormat.LONG_HEAD - 1;
        harness.run("SET", "k", "x".repeat(longest));
        expect("STRLEN k", ":" + longest, "APPEND k x", TOO_LONG, "STRLEN k", ":" + longest);
        assertThat(harness.run("SET", "k", "x".repeat(longest + 1))).isEqualTo(TOO_LONG + "\r\n");
        expect("RENAME k z", TOO_LONG, "COPY k kk", TOO_LONG, "COPY k z", ":1", "STRLEN z", ":" + longest);
        expect("SETRANGE y " + (longest - 1) + " x", ":" + longest, "SETRANGE y " + longest + " x", TOO_LONG);
    }

    @Test
    void partsOfValues() {
        expect(
                "APPEND k ''", ":0",
                "EXISTS k", ":1",
                "SETRANGE k 3 ab", ":5",
                "GET k", "$5 \0\0\0ab",
                "SETRANGE none 3 ''", ":0",
                "EXISTS none", ":0",
                "SET k hello", "+OK",
                "GETRANGE k -3 -2", "$2 ll",
                "GETRANGE k 3 1", "$0 ",
                "GETRANGE k -100 100", "$5 hello",
                "SUBSTR k 1 -1", "$4 ello",
                "GETRANGE none 0 -1", "$0 ");
    }

    @Test
    void keysExpireWhenTheirTimeHasPassed() {
        expect("SET k v PX 100", "+OK", "SET l v EX 1", "+OK", "EXPIRE k 10 GT", ":1", "EXPIRE k 5 GT", ":0");
        expect("EXPIRE k 20 NX", ":0", "EXPIRE k 5 LT", ":1", "EXPIRE l 1 XX", ":1");
        harness.now += 1000;
        expect("GET l", "$1 v", "PTTL l", ":0");
        harness.now += 1;
        expect("GET l", "$-1", "TTL l", ":-2", "DBSIZE", ":1", "TTL k", ":4");
        expect("EXPIRE k 0", ":1", "EXISTS k", ":0");
        expect("EXPIRE k 1 NX XX", "-ERR NX and XX, GT or LT options at the same time are not compatible");
        expect("EXPIRE k 1 foo", "-ERR Unsupported option foo");
    }

    @Test
    void dueKeysAreRemovedEarliestFirstWithinTheBudget() {
        for (int i = 0; i < 100; i++) {
            expect("SET k" + i + " v PX " + (1 + i * 37 % 100), "+OK");
        }
        expect("SET other v", "+OK", "SET late v PX 1000", "+OK", "PERSIST k3", ":1");
        harness.now += 51;
        assertThat(harness.keyspace.expireCycle(harness.now, 20)).isEqualTo(20);
        for (int i = 0; i < 100; i++) {
            if (i * 37 % 100 < 20 && i != 3) {
                assertThat(harness.dump()).doesNotContainKey("k" + i);
            }
        }
        assertThat(harness.keyspace.expireCycle(harness.now, 1000)).isEqualTo(29);
        assertThat(harness.keyspace.counts()).isEqualTo(new Keyspace.Counts(53, 51, averageTtl()));
        assertThat(harness.keyspace.expireCycle(harness.now, 1000)).isZero();
    }

    private long averageTtl() {
        ExpiryHeap heap = harness.keyspace.store().expiries();
        long sum = 0;
        for (int i = 0; i < heap.size(); i++) {
            sum += (heap.time(i) - harness.now) / heap.size();
        }
        return sum;
    }

    @Test
    void keysAreMovedAndCopiedWithTheirTime() {
        expect("SET a 1 EX 100", "+OK", "SET b 2", "+OK", "RENAMENX a b", ":0", "RENAME a b", "+OK", "TTL b", ":100");
        expect("GET b", "$1 1", "EXISTS a", ":0", "RENAME a b", "-ERR no such key", "RENAME b b", "+OK");
        expect("COPY b c", ":1", "TTL c", ":100", "COPY b c", ":0", "SET b 3", "+OK", "COPY b c REPLACE", ":1");
        expect("GET c", "$1 3", "TTL c", ":-1", "COPY c c", "-ERR source and destination objects are the same");
        expect("COPY c d DB 1", "-ERR DB index is out of range", "SELECT 1", "-ERR DB index is out of range");
        expect("DEL b b c none", ":2", "DBSIZE", ":0", "MSETNX a 1 a 2", ":1", "GET a", "$1 2");
    }

    @Test
    void aboutAnEntry() {
        expect("SET k 12", "+OK", "OBJECT ENCODING k", "$3 int", "OBJECT REFCOUNT k", ":1", "OBJECT IDLETIME k", ":0");
        expect("OBJECT ENCODING none", "$-1", "OBJECT x k", "-ERR unknown subcommand 'x'. Try OBJECT HELP.");
        expect("OBJECT ENCODING", "-ERR wrong number of arguments for 'object|encoding' command");
        expect("SET k " + "x".repeat(44), "+OK", "OBJECT ENCODING k", "$6 embstr");
        expect("APPEND k x", ":45", "OBJECT ENCODING k", "$3 raw", "MEMORY USAGE k", ":88", "MEMORY USAGE none", "$-1");
    }

    @Test
    void randomKeyFindsEveryKeyAndOnlyPresentOnes() {
        expect("RANDOMKEY", "$-1", "SET past v PX 1", "+OK");
        harness.now += 2;
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            expect("SET " + i + " v", "+OK");
        }
        for (int i = 0; i < 1000; i++) {
            seen.add(harness.line("RANDOMKEY"));
        }
        assertThat(seen).hasSize(10).doesNotContain("$4\r\npast\r\n", "$-1\r\n");
    }

    @Test
    void aPatternWithManyStarsEndsSoon() {
        harness.run("SET", "a".repeat(5000), "v");
        assertThat(harness.run("KEYS", "a*".repeat(2000) + "b")).isEqualTo("*0\r\n");
        assertThat(harness.run("KEYS", "*".repeat(4097))).isEqualTo("-ERR pattern is longer than 4096 bytes\r\n");
        assertThat(harness.run("SCAN", "0", "MATCH", "*".repeat(4097))).startsWith("-ERR pattern is longer");
    }

    @Test
    void everyCommandSaysWhereItsKeysAre() {
        for (CommandSpec spec : harness.table.all()) {
            boolean withKeys = !Set.of("dbsize", "flushall", "flushdb", "select", "keys", "scan", "randomkey")
                    .contains(spec.name());
            assertThat(spec.firstKey() > 0).as(spec.name()).isEqualTo(withKeys);
            assertThat(spec.keyStep() > 0).as(spec.name()).isEqualTo(withKeys);
            assertThat(spec.is("write") && spec.is("readonly")).as(spec.name()).isFalse();
        }
        assertThat(harness.table.all()).hasSizeGreaterThan(45);
    }
}
