package io.sietch.net;

import static io.sietch.net.Script.OPTIONS;
import static io.sietch.net.Script.PLAIN;
import static io.sietch.net.Script.playAll;

import org.junit.jupiter.api.Test;

/** How connections come into being. */
class TcpOpeningTest {
    @Test
    void aPeerOpens() {
        playAll(PLAIN, "! told 1");
    }

    @Test
    void weOfferEverythingAndUseWhatThePeerAccepts() {
        playAll("""
            ! connect
            > S 0(0) win 65535 mss 1000, ws 1, sackok, ts 0 0
            < S. 0(0) ack 1 win 5000 mss 900
            > . 1(0) ack 1 -
            ! state ESTABLISHED
            ! told 1
            ! write 1000
            > . 1(900) ack 1 -
            > P. 901(100)
            """);
    }

    @Test
    void withoutAnMssThePeerGets536() {
        playAll("""
            < S 0(0) win 20000
            > S. 0(0) ack 1 mss 1000
            < . 1(0) ack 1 win 20000
            ! write 600
            > . 1(536)
            > P. 537(64)
            """);
    }

    @Test
    void weOfferNothingThatThePeerDidNotOffer() {
        playAll("""
            < S 0(0) win 20000 mss 1000, ts 7 0
            > S. 0(0) ack 1 mss 1000, ts 0 7
            """, "! connections 1");
        playAll("""
            < S 0(0) win 20000 mss 1000
            > S. 0(0) ack 1 mss 1000
            """);
    }

    @Test
    void aLostSynIsSentAgainAfterOneSecondThenTwoThenFour() {
        playAll("""
            ! connect
            > S 0(0)
            +1000 > S 0(0)
            +2000 > S 0(0)
            +4000 > S 0(0)
            < S. 0(0) ack 1 win 20000 mss 1000
            > . 1(0) ack 1
            ! state ESTABLISHED
            # One segment, since the SYN was lost (RFC 6928), and three seconds (RFC 6298).
            ! write 3000
            > . 1(1000)
            +3000 > . 1(1000)
            """);
    }

    @Test
    void aConnectionThatNobodyAnswersIsGivenUpAfterThreeMinutes() {
        Script script = new Script(OPTIONS, 1054).play("! connect\n> S 0(0)");
        for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60}) {
            script.play("+" + seconds * 1000 + " > S 0(0)");
        }
        script.play("+58000\n! state SYN_SENT\n+60000\n! state CLOSED\n! end TIMEOUT\n! connections 0\nquiet");
    }

    @Test
    void aRefusedConnectionEndsWithAReset() {
        playAll("""
            ! connect
            > S 0(0)
            < R. 0(0) ack 1 win 0
            ! state CLOSED
            ! end RESET
            ! told 1
            """);
    }

    @Test
    void aResetThatDoesNotAnswerOurSynIsIgnored() {
        playAll("""
            ! connect
            > S 0(0)
            < R. 0(0) ack 2 win 0
            < R 0(0) win 0
            ! state SYN_SENT
            """);
    }

    @Test
    void anAnswerToSomethingElseIsReset() {
        playAll("""
            ! connect
            > S 0(0)
            < S. 0(0) ack 7 win 20000
            > R 7(0)
            ! state SYN_SENT
            """);
    }

    @Test
    void bothMayOpenAtOnce() {
        playAll("""
            ! connect
            > S 0(0)
            < S 0(0) win 20000 mss 1000
            > S. 0(0) ack 1
            ! state SYN_RECEIVED
            < . 1(0) ack 1 win 20000
            ! state ESTABLISHED
            """);
    }

    @Test
    void aLostSynAckIsSentAgainOnTimeAndOnDemand() {
        playAll("""
            < S 0(0) win 20000 mss 1000
            > S. 0(0) ack 1
            < S 0(0) win 20000 mss 1000
            > S. 0(0) ack 1
            +1000 > S. 0(0) ack 1
            < . 1(0) ack 1 win 20000
            ! state ESTABLISHED
            """);
    }

    @Test
    void dataMayComeWithTheLastSegmentOfTheHandshake() {
        playAll("""
            < S 0(0) win 20000 mss 1000
            > S. 0(0) ack 1
            < P. 1(100) ack 1 win 20000
            ! state ESTABLISHED
            ! available 100
            ! read 100
            +40 > . 1(0) ack 101
            """);
    }

    @Test
    void aHandshakeThatEndsWithAWrongNumberIsReset() {
        playAll("""
            < S 0(0) win 20000 mss 1000
            > S. 0(0) ack 1
            < . 1(0) ack 5 win 20000
            > R 5(0)
            ! connections 1
            """);
    }

    @Test
    void aResetDuringTheHandshakeLeavesNothingBehind() {
        playAll("""
            < S 0(0) win 20000 mss 1000
            > S. 0(0) ack 1
            < R 1(0) win 0
            ! connections 0
            ! told 0
            """);
    }

    @Test
    void whatBelongsToNoConnectionIsResetAndResetsAreNot() {
        playAll("""
            ! to 81
            < S 5(0) win 1000
            > R. 0(0) ack 6
            < . 5(10) ack 0 win 1000
            > R 0(0)
            < R 5(0) win 0
            < R. 5(0) ack 9 win 0
            """);
    }

    @Test
    void optionsThatMakeNoSenseDoNoHarm() {
        playAll("""
            < S 0(0) win 20000 raw 00
            > S. 0(0) ack 1 mss 1000
            """);
        playAll("""
            < S 0(0) win 20000 raw fe04aabb020403e8
            > S. 0(0) ack 1
            < . 1(0) ack 1 win 20000 raw 0200
            ! state ESTABLISHED
            ! write 1500
            > . 1(1000)
            > P. 1001(500)
            """);
        playAll("""
            < S 0(0) win 20000 raw 02ff03e8
            > S. 0(0) ack 1
            < . 1(0) ack 1 win 20000 raw 0801
            ! state ESTABLISHED
            """);
    }
}
