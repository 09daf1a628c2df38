package io.sietch.net;

import static io.sietch.net.Script.OPTIONS;
import static io.sietch.net.Script.PLAIN;
import static io.sietch.net.Script.SACK;
import static io.sietch.net.Script.playAll;

import org.junit.jupiter.api.Test;

/** What is sent again, and when. */
class TcpLossTest {
    @Test
    void threeDuplicatesSendTheLostSegmentAgain() {
        playAll(PLAIN, """
            ! write 5000
            > . 1(1000)
            > . 1001(1000)
            > . 2001(1000)
            > . 3001(1000)
            > P. 4001(1000)
            < . 1(0) ack 1 win 20000
            < . 1(0) ack 1 win 20000
            quiet
            < . 1(0) ack 1 win 20000
            > . 1(1000)
            < . 1(0) ack 5001 win 20000
            """);
    }

    @Test
    void limitedTransmitLetsNewDataOutOnTheFirstTwoDuplicates() {
        playAll("""
            < S 0(0) win 60000 mss 1000
            > S. 0(0) ack 1
            < . 1(0) ack 1 win 60000
            ! write 15000
            > . 1(1000)
            > . 1001(1000)
            > . 2001(1000)
            > . 3001(1000)
            > . 4001(1000)
            > . 5001(1000)
            > . 6001(1000)
            > . 7001(1000)
            > . 8001(1000)
            > . 9001(1000)
            < . 1(0) ack 1 win 60000
            > . 10001(1000)
            < . 1(0) ack 1 win 60000
            > . 11001(1000)
            < . 1(0) ack 1 win 60000
            > . 1(1000)
            """);
    }

    @Test
    void aPartialAcknowledgementSendsTheNextHoleAgain() {
        playAll(PLAIN, """
            ! write 5000
            > . 1(1000)
            > . 1001(1000)
            > . 2001(1000)
            > . 3001(1000)
            > P. 4001(1000)
            < . 1(0) ack 1 win 20000
            < . 1(0) ack 1 win 20000
            < . 1(0) ack 1 win 20000
            > . 1(1000)
            < . 1(0) ack 2001 win 20000
            > . 2001(1000)
            < . 1(0) ack 5001 win 20000
            """);
    }

    @Test
    void withSackOnlyTheHolesAreSentAgain() {
        playAll(SACK, """
            ! write 6000
            > . 1(1000)
            > . 1001(1000)
            > . 2001(1000)
            > . 3001(1000)
            > . 4001(1000)
            > P. 5001(1000)
            < . 1(0) ack 1 win 20000 sack 1001-2001
            < . 1(0) ack 1 win 20000 sack 1001-2001 3001-4001
            < . 1(0) ack 1 win 20000 sack 1001-2001 3001-5001
            > . 1(1000)
            > . 2001(1000)
            < . 1(0) ack 2001 win 20000 sack 3001-5001
            quiet
            < . 1(0) ack 5001 win 20000
            < . 1(0) ack 6001 win 20000
            """);
    }

    @Test
    void aSackThatMakesNoSenseIsIgnored() {
        playAll(SACK, """
            ! write 2000
            > . 1(1000)
            > P. 1001(1000)
            < . 1(0) ack 1 win 20000 sack 9001-9901
            < . 1(0) ack 1 win 20000 sack 2001-1001
            < . 1(0) ack 1 win 20000 sack -500-1
            < . 1(0) ack 1 win 20000 sack -500-1
            quiet
            +200 > . 1(1000)
            """.replace("sack -500-1", "sack 0-1"));
    }

    @Test
    void holesAreReportedTheLatestFirst() {
        playAll(SACK, """
            < . 1001(100) ack 1 win 20000
            > . 1(0) ack 1 sack 1001-1101
            < . 3001(100) ack 1 win 20000
            > . 1(0) ack 1 sack 3001-3101 1001-1101
            < . 2001(100) ack 1 win 20000
            > . 1(0) ack 1 sack 2001-2101 1001-1101 3001-3101
            < . 1101(900) ack 1 win 20000
            > . 1(0) ack 1 sack 1001-2101 3001-3101
            < . 1(1000) ack 1 win 20000
            > . 1(0) ack 2101 sack 3001-3101
            """);
    }

    @Test
    void nothingHeardForATimeoutSendsTheFirstSegmentAgainAndThenSlowly() {
        playAll(PLAIN, """
            ! write 4000
            > . 1(1000)
            > . 1001(1000)
            > . 2001(1000)
            > P. 3001(1000)
            +200 > . 1(1000)
            +400 > . 1(1000)
            < . 1(0) ack 1001 win 20000
            > . 1001(1000)
            > . 2001(1000)
            < . 1(0) ack 4001 win 20000
            """);
    }

    @Test
    void theTimeoutFollowsTheRoundTripTime() {
        playAll("""
            < S 0(0) win 20000 mss 1000
            > S. 0(0) ack 1
            +400
            < . 1(0) ack 1 win 20000
            # RTT 400, variation 200: 400 + 4 * 200 ms.
            ! write 100
            > P. 1(100)
            +1200 > P. 1(100)
            """);
        playAll(PLAIN, """
            ! write 100
            > P. 1(100)
            +1
            < . 1(0) ack 101 win 20000
            ! write 100
            > P. 101(100)
            +200 > P. 101(100)
            """);
    }

    @Test
    void anAnswerToASegmentSentTwiceTellsNoTime() {
        playAll(PLAIN, """
            ! write 100
            > P. 1(100)
            +200 > P. 1(100)
            < . 1(0) ack 101 win 20000
            ! write 100
            > P. 101(100)
            # Karn: still backed off.
            +400 > P. 101(100)
            """);
    }

    @Test
    void dataThatIsNeverAcknowledgedEndsTheConnection() {
        playAll(OPTIONS.withUserTimeout(5_000_000_000L), PLAIN, """
            ! write 100
            > P. 1(100)
            +200 > P. 1(100)
            +400 > P. 1(100)
            +800 > P. 1(100)
            +1600 > P. 1(100)
            +3200
            ! state CLOSED
            ! end TIMEOUT
            """);
    }
}
