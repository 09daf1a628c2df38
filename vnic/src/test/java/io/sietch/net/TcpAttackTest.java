package io.sietch.net;

import static io.sietch.net.Script.OPTIONS;
import static io.sietch.net.Script.PLAIN;
import static io.sietch.net.Script.playAll;

import org.junit.jupiter.api.Test;

/** What strangers may try. */
class TcpAttackTest {
    @Test
    void aResetCountsOnlyAtExactlyTheNextNumber() {
        playAll(PLAIN, """
            < R 2(0) win 0
            > . 1(0) ack 1
            ! state ESTABLISHED
            < R 30000(0) win 0
            > . 1(0) ack 1
            < R 70000(0) win 0
            < R 0(0) win 0
            quiet
            ! state ESTABLISHED
            < R 1(0) win 0
            ! state CLOSED
            ! end RESET
            """);
    }

    @Test
    void aSynWithinAConnectionIsChallenged() {
        playAll(PLAIN, """
            < S 1(0) win 1000
            > . 1(0) ack 1
            < S 500(0) win 1000
            > . 1(0) ack 1
            < S 0(0) win 1000
            > . 1(0) ack 1
            ! state ESTABLISHED
            """);
    }

    @Test
    void anAcknowledgementOfWhatWasNeverSentIsChallengedAndItsDataDropped() {
        playAll(PLAIN, """
            < P. 1(10) ack 2 win 20000
            > . 1(0) ack 1
            < P. 1(10) ack -70000 win 20000
            > . 1(0) ack 1
            ! available 0
            """);
    }

    @Test
    void challengesAreLimited() {
        Script script = new Script(OPTIONS, 1054).play(PLAIN);
        for (int i = 0; i < 1000; i++) {
            script.play("< R 2(0) win 0\n> . 1(0) ack 1");
        }
        script.play("< R 2(0) win 0\nquiet\n+1001\n< R 2(0) win 0\n> . 1(0) ack 1");
    }

    @Test
    void aSegmentWithoutAckIsDropped() {
        playAll(PLAIN, """
            < P 1(10) win 20000
            ! available 0
            """);
    }

    @Test
    void synsBeyondTheLimitAreIgnoredAndTheOthersGoOn() {
        playAll(OPTIONS.withConnections(100, 1), """
            < S 0(0) win 20000 mss 1000
            > S. 0(0) ack 1
            ! port 5001
            < S 0(0) win 20000 mss 1000
            ! connections 1
            ! port 5000
            < . 1(0) ack 1 win 20000
            ! port 5001
            < S 0(0) win 20000 mss 1000
            ! again
            > S. 0(0) ack 1
            ! connections 2
            """);
    }
}
