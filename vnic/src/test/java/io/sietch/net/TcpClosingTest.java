package io.sietch.net;

import static io.sietch.net.Script.OPTIONS;
import static io.sietch.net.Script.PLAIN;
import static io.sietch.net.Script.playAll;

import org.junit.jupiter.api.Test;

/** How connections end. */
class TcpClosingTest {
    @Test
    void weFinishFirstAndWaitAMinute() {
        playAll(PLAIN, """
            ! finish
            > F. 1(0) ack 1
            ! state FIN_WAIT_1
            < . 1(0) ack 2 win 20000
            ! state FIN_WAIT_2
            < P. 1(10) ack 2 win 20000
            ! read 10
            < F. 11(0) ack 2 win 20000
            > . 2(0) ack 12
            ! state TIME_WAIT
            ! ended
            +30000
            # The peer did not hear: it is told again, and we wait anew.
            < F. 11(0) ack 2 win 20000
            > . 2(0) ack 12
            +59000
            ! state TIME_WAIT
            +2000
            ! state CLOSED
            ! end NORMAL
            ! connections 0
            """);
    }

    @Test
    void thePeerFinishesFirst() {
        playAll(PLAIN, """
            < F. 1(0) ack 1 win 20000
            > . 1(0) ack 2
            ! state CLOSE_WAIT
            ! ended
            ! write 10
            > P. 1(10)
            < . 2(0) ack 11 win 20000
            ! finish
            > F. 11(0) ack 2
            ! state LAST_ACK
            < . 2(0) ack 12 win 20000
            ! state CLOSED
            ! end NORMAL
            """);
    }

    @Test
    void bothFinishAtOnce() {
        playAll(PLAIN, """
            ! finish
            > F. 1(0) ack 1
            < F. 1(0) ack 1 win 20000
            > . 2(0) ack 2
            ! state CLOSING
            < . 2(0) ack 2 win 20000
            ! state TIME_WAIT
            """);
    }

    @Test
    void aFinMayAnswerOursInOneSegment() {
        playAll(PLAIN, """
            ! finish
            > F. 1(0) ack 1
            < F. 1(0) ack 2 win 20000
            > . 2(0) ack 2
            ! state TIME_WAIT
            """);
    }

    @Test
    void aFinRidesOnTheLastData() {
        playAll("""
            < S 0(0) win 1000 mss 1000
            > S. 0(0) ack 1
            < . 1(0) ack 1 win 1000
            ! write 1500
            > . 1(1000)
            ! finish
            quiet
            < . 1(0) ack 1001 win 1000
            > FP. 1001(500)
            < . 1(0) ack 1502 win 1000
            ! state FIN_WAIT_2
            """);
    }

    @Test
    void aLostFinIsSentAgain() {
        playAll(PLAIN, """
            ! write 100
            ! finish
            > P. 1(100)
            > F. 101(0)
            < . 1(0) ack 101 win 20000
            +200 > F. 101(0)
            < . 1(0) ack 102 win 20000
            ! state FIN_WAIT_2
            """);
    }

    @Test
    void aFinThatComesBeforeItsDataWaitsForIt() {
        playAll(PLAIN, """
            < F. 11(0) ack 1 win 20000
            > . 1(0) ack 1
            ! state ESTABLISHED
            < P. 1(10) ack 1 win 20000
            > . 1(0) ack 12
            ! state CLOSE_WAIT
            ! read 10
            ! ended
            """);
    }

    @Test
    void whoClosesWithoutReadingResets() {
        playAll(PLAIN, """
            < P. 1(10) ack 1 win 20000
            ! close
            > R. 1(0) ack 11
            ! state CLOSED
            ! end ABORTED
            """);
    }

    @Test
    void dataForWhoHasClosedIsReset() {
        playAll(PLAIN, """
            ! close
            > F. 1(0) ack 1
            < . 1(0) ack 2 win 20000
            < P. 1(10) ack 2 win 20000
            > R. 2(0) ack 1
            ! state CLOSED
            """);
    }

    @Test
    void aPeerThatNeverFinishesIsForgottenAfterAMinute() {
        playAll(PLAIN, """
            ! close
            > F. 1(0) ack 1
            < . 1(0) ack 2 win 20000
            +61000
            ! state CLOSED
            """);
    }

    @Test
    void anAbortTellsThePeer() {
        playAll(PLAIN, """
            ! write 10
            > P. 1(10)
            ! abort
            > R. 11(0) ack 1
            ! end ABORTED
            ! connections 0
            """);
    }

    @Test
    void aResetInTimeWaitIsIgnored() {
        playAll(PLAIN, """
            ! finish
            > F. 1(0)
            < F. 1(0) ack 2 win 20000
            > . 2(0) ack 2
            < R 2(0) win 0
            ! state TIME_WAIT
            """);
    }

    @Test
    void aNewConnectionMayFollowOneInTimeWait() {
        playAll(PLAIN, """
            ! finish
            > F. 1(0)
            < F. 1(0) ack 2 win 20000
            > . 2(0) ack 2
            < S 0(0) win 20000 mss 1000
            > . 2(0) ack 2
            < S 100000(0) win 20000 mss 1000
            ! again
            > S. 0(0) ack 100001
            ! connections 1
            """);
    }

    @Test
    void keepAliveAsksAndGivesUpInTheEnd() {
        StackOptions options = OPTIONS.withKeepAlive(100_000_000_000L);
        playAll(options, PLAIN, "+99000\nquiet\n+1001 > . 0(0) ack 1\n< . 1(0) ack 1 win 20000\n+99000\nquiet");
        Script script = new Script(options, 1054).play(PLAIN).play("+100001 > . 0(0) ack 1");
        for (int i = 1; i < 9; i++) {
            script.play("+75000 > . 0(0) ack 1");
        }
        script.play("+75000\n! state CLOSED\n! end TIMEOUT\nquiet");
    }

    @Test
    void anIdleConnectionStaysOpenForeverWithoutKeepAlive() {
        playAll(PLAIN, "+10000000\n! state ESTABLISHED");
    }

    @Test
    void sequenceNumbersMayWrap() {
        playAll("""
            < S -3(0) win 20000 mss 1000
            > S. 0(0) ack -2
            < . -2(0) ack 1 win 20000
            < P. -2(10) ack 1 win 20000
            +40 > . 1(0) ack 8
            < . 18(10) ack 1 win 20000
            > . 1(0) ack 8
            < . 8(10) ack 1 win 20000
            > . 1(0) ack 28
            ! available 30
            """);
    }
}
