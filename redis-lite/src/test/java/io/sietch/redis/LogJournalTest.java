package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What the journal tells of its log. */
class LogJournalTest {
    @Test
    void whatIsSaidAgainIsNoNews() throws Exception {
        try (StorageHarness server = new StorageHarness(64, 64)) {
            LogJournal journal = server.storage.journal();
            long news = append(journal, journal.claim(10));
            assertThat(journal.appendedNews()).isEqualTo(news);
            append(journal, journal.claimAgain(10));
            append(journal, journal.claimBeside(10));
            assertThat(journal.appendedNews()).isEqualTo(news);
            assertThat(journal.claimBeside(10)).isPositive();
            journal.abandon();
            long removal = append(journal, journal.claimToRemove(10));
            assertThat(journal.appendedNews()).isEqualTo(removal);
            // A checkpoint's records are published to the log itself.
            assertThat(journal.claimBeside(10)).isPositive();
            journal.log().publish();
            assertThat(journal.appendedNews()).isEqualTo(removal);
            long more = append(journal, journal.claim(10));
            assertThat(journal.appendedNews()).isEqualTo(more);
        }
    }

    private static long append(LogJournal journal, long end) {
        assertThat(end).isPositive();
        assertThat(journal.publish()).isEqualTo(end);
        return end;
    }
}
