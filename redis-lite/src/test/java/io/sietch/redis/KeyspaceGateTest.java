package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What each reply waits for, and what is replied when the journal refuses. */
class KeyspaceGateTest {
    private final KeyspaceHarness harness = new KeyspaceHarness();
    private final FakeJournal journal = harness.journal;

    @AfterEach
    void close() {
        harness.close();
    }

    private long position(String line) {
        harness.line(line);
        return harness.position;
    }

    @Test
    void aWriteWaitsForItsOwnRecord() {
        assertThat(position("SET a 1")).isEqualTo(journal.appended()).isPositive();
        assertThat(position("MSET a 1 b 2")).isEqualTo(journal.appended());
        assertThat(position("EXPIRE a 100")).isEqualTo(journal.appended());
        assertThat(position("DEL a b")).isEqualTo(journal.appended());
    }

    @Test
    void aReadWaitsForTheLastWriteToItsKeyUntilThatIsDurable() {
        long a = position("SET a 1");
        long b = position("SET b 1");
        assertThat(position("GET a")).isEqualTo(a);
        assertThat(position("GET b")).isEqualTo(b);
        assertThat(position("MGET b a")).isEqualTo(b);
        assertThat(position("TTL a")).isEqualTo(a);
        assertThat(position("SETNX a 2")).isEqualTo(a);
        long expiry = position("EXPIRE a 100");
        assertThat(position("GET a")).isEqualTo(expiry);
        journal.makeDurable();
        assertThat(position("GET a")).isZero();
        assertThat(position("MGET b a c")).isZero();
        long again = position("APPEND b x");
        assertThat(position("GET a")).isZero();
        assertThat(position("STRLEN b")).isEqualTo(again);
    }

    @Test
    void aMissWaitsForTheLastDeletion() {
        position("SET a 1");
        assertThat(position("GET b")).isZero();
        long deletion = position("DEL a");
        long write = position("SET c 1");
        assertThat(position("GET a")).isEqualTo(deletion);
        assertThat(position("EXISTS b")).isEqualTo(deletion);
        assertThat(position("DEL a")).isEqualTo(deletion);
        assertThat(position("GET c")).isEqualTo(write);
        long rename = position("RENAME c d");
        assertThat(position("GET c")).isEqualTo(rename);
        assertThat(position("GET d")).isBetween(write + 1, rename); // its part of the record
        long flush = position("FLUSHALL");
        assertThat(position("TTL d")).isEqualTo(flush);
        journal.makeDurable();
        assertThat(position("GET d")).isZero();
    }

    @Test
    void aReplyAboutAllKeysWaitsForEverything() {
        position("SET a 1");
        for (String line : new String[] {"DBSIZE", "KEYS *", "SCAN 0", "RANDOMKEY"}) {
            assertThat(position(line)).as(line).isEqualTo(journal.appended());
        }
        journal.makeDurable();
        for (String line : new String[] {"DBSIZE", "KEYS *", "SCAN 0", "RANDOMKEY"}) {
            assertThat(position(line)).as(line).isZero();
        }
    }

    @Test
    void aKeyPastItsTimeIsAbsentAndItsDeletionIsRecorded() {
        position("SET a 1 PX 10");
        journal.makeDurable();
        harness.now += 11;
        assertThat(harness.line("GET a")).isEqualTo("$-1\r\n");
        assertThat(harness.position).isEqualTo(journal.appended()).isPositive();
        assertThat(journal.entries()).hasSize(2);
        assertThat(harness.keyspace.counts().keys()).isZero();
        assertThat(harness.keyspace.expiredKeys()).isEqualTo(1);
    }

    @Test
    void aKeyPastItsTimeIsAbsentEvenIfItsDeletionCannotBeRecorded() {
        for (long code : new long[] {Journal.BUSY, Journal.NO_SPACE, Journal.FAILED}) {
            try (KeyspaceHarness fresh = new KeyspaceHarness()) {
                fresh.line("SET a 1 PX 10");
                long write = fresh.position;
                fresh.now += 11;
                fresh.journal.refuse(code);
                if (code == Journal.FAILED) {
                    fresh.journal.makeDurable();
                    assertThat(fresh.line("GET a")).isEqualTo("$-1\r\n");
                    continue;
                }
                assertThat(fresh.line("GET a")).isEqualTo("$-1\r\n");
                assertThat(fresh.position).isEqualTo(write); // without this write the key might be there after a crash
                assertThat(fresh.line("EXISTS a")).isEqualTo(":0\r\n");
                assertThat(fresh.keyspace.expireCycle(fresh.now, 10)).isZero();
                assertThat(fresh.dump()).hasSize(1);
                fresh.journal.refuse(0);
                assertThat(fresh.line("SETNX a 2")).isEqualTo(":1\r\n");
                assertThat(fresh.line("TTL a")).isEqualTo(":-1\r\n");
            }
        }
    }

    @Test
    void aBusyJournalMeansOnceMoreAndAFullOneAnError() {
        journal.refuse(Journal.BUSY);
        assertThat(harness.line("SET a 1")).isEqualTo("RETRY");
        journal.refuse(Journal.NO_SPACE);
        assertThat(harness.line("SET a 1")).isEqualTo("-MISCONF the test refuses with -2\r\n");
        assertThat(harness.position).isZero();
        assertThat(harness.line("GET a")).isEqualTo("$-1\r\n");
        journal.refuse(0);
        assertThat(harness.line("SET a 1")).isEqualTo("+OK\r\n");
    }

    @Test
    void afterAFailureOnlyWhatIsDurableIsReplied() {
        harness.line("SET a 1");
        harness.line("SET gone 1");
        journal.makeDurable();
        harness.line("SET b 1");
        harness.line("DEL gone");
        journal.refuse(Journal.FAILED);
        String refused = "-MISCONF the test refuses with -3\r\n";
        assertThat(harness.line("SET c 1")).isEqualTo(refused);
        assertThat(harness.line("GET a")).isEqualTo("$1\r\n1\r\n");
        assertThat(harness.line("GET b")).isEqualTo(refused);
        assertThat(harness.position).isZero();
        for (String line : new String[] {
            "GET gone",
            "MGET a b",
            "EXISTS a b",
            "TYPE b",
            "STRLEN b",
            "GETRANGE b 0 1",
            "SUBSTR b 0 1",
            "TTL b",
            "PEXPIRETIME b",
            "DBSIZE",
            "KEYS *",
            "SCAN 0",
            "RANDOMKEY",
            "SETNX b 2",
            "SET b 2 NX",
            "SET b 2 NX GET",
            "GETEX b",
            "INCR x",
            "OBJECT ENCODING b",
            "MEMORY USAGE b",
            "RENAME none b",
            "RENAME b b",
            "COPY none b",
            "PERSIST b",
            "EXPIRE none 10",
            "MSETNX b 1 z 1",
            "DEL gone",
            "GETDEL gone",
            "SETRANGE b 0 ''",
            "FLUSHALL"
        }) {
            assertThat(harness.line(line)).as(line).isEqualTo(refused);
        }
        assertThat(harness.line("MGET a a")).isEqualTo("*2\r\n$1\r\n1\r\n$1\r\n1\r\n");
    }
}
