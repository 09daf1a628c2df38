package io.sietch.net;

import static io.sietch.net.Script.OPTIONS;
import static io.sietch.net.Script.PLAIN;
import static io.sietch.net.Script.STAMPS;
import static io.sietch.net.Script.playAll;

import org.junit.jupiter.api.Test;

/** Data, windows, acknowledgements and timestamps. */
class TcpDataTest {
    @Test
    void aLoneSegmentIsAcknowledgedLateAndEverySecondOneAtOnce() {
        playAll(PLAIN, """
            < P. 1(100) ack 1 win 20000
            quiet
            +40 > . 1(0) ack 101
            < . 101(1000) ack 1 win 20000
            < . 1101(1000) ack 1 win 20000
            > . 1(0) ack 2101
            ! read 2100
            """);
    }

    @Test
    void anAcknowledgementRidesOnData() {
        playAll(PLAIN, """
            < P. 1(100) ack 1 win 20000
            ! write 50
            > P. 1(50) ack 101
            < . 101(0) ack 51 win 20000
            +100
            """);
    }

    @Test
    void segmentsOutOfOrderAreKeptAndAnsweredAtOnce() {
        playAll(PLAIN, """
            < . 101(100) ack 1 win 20000
            > . 1(0) ack 1
            < . 201(100) ack 1 win 20000
            > . 1(0) ack 1
            ! available 0
            < . 1(100) ack 1 win 20000
            > . 1(0) ack 301
            ! read 300
            """);
    }

    @Test
    void overlapsAreTakenOnce() {
        playAll(PLAIN, """
            < . 51(100) ack 1 win 20000
            > . 1(0) ack 1
            < . 1(60) ack 1 win 20000
            > . 1(0) ack 151
            < . 100(101) ack 1 win 20000
            +40 > . 1(0) ack 201
            < . 1(50) ack 1 win 20000
            > . 1(0) ack 201
            ! read 200
            """);
    }

    @Test
    void whatLiesBeyondTheWindowIsCutOff() {
        playAll(StackOptions.DEFAULTS.withBuffers(2048, 2048), """
            < S 0(0) win 20000 mss 1000
            > S. 0(0) ack 1 win 2048
            < . 1(0) ack 1 win 20000
            < . 1(1000) ack 1 win 20000
            < . 1001(1000) ack 1 win 20000
            > . 1(0) ack 2001 win 48
            < . 2001(1000) ack 1 win 20000
            +40 > . 1(0) ack 2049 win 0
            ! available 2048
            < . 2049(1) ack 1 win 20000
            > . 1(0) ack 2049 win 0
            ! read 2048
            > . 1(0) ack 2049 win 2048
            """);
    }

    @Test
    void aWindowOpensInLargeStepsOnly() {
        playAll(StackOptions.DEFAULTS.withBuffers(4096, 4096), """
            < S 0(0) win 20000 mss 1000
            > S. 0(0) ack 1 win 4096
            < . 1(0) ack 1 win 20000
            < . 1(1000) ack 1 win 20000
            < . 1001(1000) ack 1 win 20000
            > . 1(0) ack 2001 win 2096
            < . 2001(1000) ack 1 win 20000
            < . 3001(1000) ack 1 win 20000
            > . 1(0) ack 4001 win 96
            ! read 500
            quiet
            < . 1(10) ack 1 win 20000
            > . 1(0) ack 4001 win 96
            quiet
            ! read 3500
            > . 1(0) ack 4001 win 4096
            """);
    }

    @Test
    void smallSegmentsWaitForNobodyOrWithNagleForTheFirst() {
        playAll(PLAIN, """
            ! write 10
            > P. 1(10)
            ! write 10
            > P. 11(10)
            """);
        playAll(OPTIONS.withNagle(true), PLAIN, """
            ! write 10
            > P. 1(10)
            ! write 10
            ! write 10
            quiet
            < . 1(0) ack 11 win 20000
            > P. 11(20)
            """);
    }

    @Test
    void noMoreIsSentThanThePeerHasRoomFor() {
        playAll("""
            < S 0(0) win 2500 mss 1000
            > S. 0(0) ack 1
            < . 1(0) ack 1 win 2500
            ! write 5000
            > . 1(1000)
            > . 1001(1000)
            < . 1(0) ack 2001 win 3000
            > . 2001(1000)
            > . 3001(1000)
            > P. 4001(1000)
            """);
    }

    @Test
    void aScaledWindowIsScaledAfterTheHandshakeOnly() {
        playAll(StackOptions.DEFAULTS.withBuffers(1 << 20, 1 << 16), """
            < S 0(0) win 1000 mss 1000, ws 2
            > S. 0(0) ack 1 win 65535 ws 5
            < . 1(0) ack 1 win 500
            ! write 3000
            > . 1(1000)
            > . 1001(1000)
            < . 1(0) ack 2001 win 500
            > P. 2001(1000)
            < . 1(100) ack 3001 win 500
            +40 > . 3001(0) ack 101 win 32764
            """);
    }

    @Test
    void aClosedWindowIsProbedMoreAndMoreRarelyAndReopens() {
        playAll(PLAIN, """
            ! write 1000
            > P. 1(1000)
            < . 1(0) ack 1001 win 0
            ! write 500
            quiet
            +200 > . 1001(1)
            < . 1(0) ack 1001 win 0
            +400 > . 1001(1)
            < . 1(0) ack 1001 win 0
            +800 > . 1001(1)
            < . 1(0) ack 1001 win 20000
            > P. 1001(500)
            """);
    }

    @Test
    void aProbeThatIsTakenCounts() {
        playAll(PLAIN, """
            ! write 1000
            > P. 1(1000)
            < . 1(0) ack 1001 win 0
            ! write 500
            +200 > . 1001(1)
            < . 1(0) ack 1002 win 20000
            > P. 1002(499)
            """);
    }

    @Test
    void aPeerThatShrinksItsWindowIsEndured() {
        playAll(PLAIN, """
            ! write 3000
            > . 1(1000)
            > . 1001(1000)
            > P. 2001(1000)
            < . 1(0) ack 1001 win 500
            < . 1(0) ack 3001 win 20000
            ! write 10
            > P. 3001(10)
            """);
    }

    @Test
    void whileBothWindowsAreClosedAcknowledgementsStillCount() {
        playAll(StackOptions.DEFAULTS.withBuffers(2048, 2048), """
            < S 0(0) win 20000 mss 1000
            > S. 0(0) ack 1 win 2048
            < . 1(0) ack 1 win 20000
            ! write 1000
            > P. 1(1000)
            < . 1(1000) ack 1 win 20000
            < . 1001(1000) ack 1 win 20000
            > . 1001(0) ack 2001
            < . 2001(48) ack 1 win 20000
            +40 > . 1001(0) ack 2049 win 0
            < . 2049(10) ack 1001 win 20000
            > . 1001(0) ack 2049 win 0
            ! write 10
            > P. 1001(10)
            """);
    }

    @Test
    void timestampsAreEchoed() {
        playAll(STAMPS, """
            +5
            < P. 1(10) ack 1 win 20000 ts 105 0
            +40 > . 1(0) ack 11 ts 45 105
            """);
    }

    @Test
    void theEchoIsThatOfTheOldestUnacknowledgedSegment() {
        playAll(STAMPS, """
            < P. 1(10) ack 1 win 20000 ts 105 0
            +5
            < P. 11(10) ack 1 win 20000 ts 110 0
            > . 1(0) ack 21 ts 5 105
            """);
    }

    @Test
    void aSegmentWithAnOldTimestampIsDroppedAndAnswered() {
        playAll(STAMPS, """
            < P. 1(10) ack 1 win 20000 ts 105 0
            +40 > . 1(0) ack 11
            < P. 11(10) ack 1 win 20000 ts 104 0
            > . 1(0) ack 11
            ! available 10
            < P. 11(10) ack 1 win 20000
            > . 1(0) ack 11
            ! available 10
            """);
    }

    @Test
    void timestampsAndSackTakeTheirPlaceFromTheData() {
        playAll(STAMPS, """
            ! write 2000
            > . 1(988) ack 1 ts 0 100
            > . 989(988)
            > P. 1977(24)
            """);
    }
}
