package io.sietch.net;

/**
 * The limits and times of a {@link Stack}.
 *
 * @param maxConnections TCP connections at once, half open ones and those in TIME-WAIT included
 * @param maxHalfOpen connections of one listener whose handshake is not complete; further SYNs are answered with
 *     cookies
 * @param receiveBytes what one connection may have received and not read, a power of two
 * @param sendBytes what one connection may have written and not acknowledged, a power of two
 * @param minRtoNanos the shortest retransmission timeout; RFC 6298 advises one second, most systems take 200 ms
 * @param delayedAckNanos how long an acknowledgement may wait for company, less than half a second (RFC 9293, MUST-40)
 * @param timeWaitNanos how long a closed connection is remembered: twice the longest life of a segment
 * @param keepAliveNanos after how long without a word a peer is asked whether it is there; 0 for never
 * @param userTimeoutNanos how long data may stay unacknowledged before the connection is given up
 * @param nagle whether small segments wait for what is under way to be acknowledged
 * @param checksumOffload whether the link's device completes checksums; otherwise the stack does
 */
public record StackOptions(
        int maxConnections,
        int maxHalfOpen,
        int receiveBytes,
        int sendBytes,
        long minRtoNanos,
        long delayedAckNanos,
        long timeWaitNanos,
        long keepAliveNanos,
        long userTimeoutNanos,
        boolean nagle,
        boolean checksumOffload) {
    private static final long MILLI = 1_000_000L;
    private static final int MAX_BUFFER_BYTES = 1 << 29;

    /** 10,000 connections with 128 KiB each way; times as on Linux, TIME-WAIT one minute; no Nagle, no keep-alive. */
    public static final StackOptions DEFAULTS = new StackOptions(
            10_000, 512, 1 << 17, 1 << 17, 200 * MILLI, 40 * MILLI, 60_000 * MILLI, 0, 120_000 * MILLI, false, true);

    public StackOptions {
        if (maxConnections < 1 || maxConnections > 1 << 20 || maxHalfOpen < 1) {
            throw new IllegalArgumentException(maxConnections + " connections, " + maxHalfOpen
                    + " of them half open: must be 1 to " + (1 << 20) + ", and at least 1");
        }
        if (!isBuffer(receiveBytes) || !isBuffer(sendBytes)) {
            throw new IllegalArgumentException("buffers of " + receiveBytes + " and " + sendBytes
                    + " bytes: must be powers of two, 2048 to " + MAX_BUFFER_BYTES);
        }
        if (minRtoNanos < MILLI
                || delayedAckNanos < 0
                || delayedAckNanos >= 500 * MILLI
                || timeWaitNanos < 0
                || keepAliveNanos < 0
                || userTimeoutNanos < minRtoNanos) {
            throw new IllegalArgumentException("times of " + minRtoNanos + ", " + delayedAckNanos + ", "
                    + timeWaitNanos + ", " + keepAliveNanos + ", " + userTimeoutNanos + " ns: the timeout must be 1 ms"
                    + " or more, the delay less than 500 ms, none negative, and the last no less than the first");
        }
    }

    private static boolean isBuffer(int bytes) {
        return bytes >= 2048 && bytes <= MAX_BUFFER_BYTES && Integer.bitCount(bytes) == 1;
    }

    public StackOptions withBuffers(int receive, int send) {
        return new StackOptions(
                maxConnections,
                maxHalfOpen,
                receive,
                send,
                minRtoNanos,
                delayedAckNanos,
                timeWaitNanos,
                keepAliveNanos,
                userTimeoutNanos,
                nagle,
                checksumOffload);
    }

    public StackOptions withConnections(int connections, int halfOpen) {
        return new StackOptions(
                connections,
                halfOpen,
                receiveBytes,
                sendBytes,
                minRtoNanos,
                delayedAckNanos,
                timeWaitNanos,
                keepAliveNanos,
                userTimeoutNanos,
                nagle,
                checksumOffload);
    }

    public StackOptions withTimeWait(long nanos) {
        return new StackOptions(
                maxConnections,
                maxHalfOpen,
                receiveBytes,
                sendBytes,
                minRtoNanos,
                delayedAckNanos,
                nanos,
                keepAliveNanos,
                userTimeoutNanos,
                nagle,
                checksumOffload);
    }

    public StackOptions withKeepAlive(long nanos) {
        return new StackOptions(
                maxConnections,
                maxHalfOpen,
                receiveBytes,
                sendBytes,
                minRtoNanos,
                delayedAckNanos,
                timeWaitNanos,
                nanos,
                userTimeoutNanos,
                nagle,
                checksumOffload);
    }

    public StackOptions withUserTimeout(long nanos) {
        return new StackOptions(
                maxConnections,
                maxHalfOpen,
                receiveBytes,
                sendBytes,
                minRtoNanos,
                delayedAckNanos,
                timeWaitNanos,
                keepAliveNanos,
                nanos,
                nagle,
                checksumOffload);
    }

    public StackOptions withNagle(boolean on) {
        return new StackOptions(
                maxConnections,
                maxHalfOpen,
                receiveBytes,
                sendBytes,
                minRtoNanos,
                delayedAckNanos,
                timeWaitNanos,
                keepAliveNanos,
                userTimeoutNanos,
                on,
                checksumOffload);
    }

    public StackOptions withChecksumOffload(boolean on) {
        return new StackOptions(
                maxConnections,
                maxHalfOpen,
                receiveBytes,
                sendBytes,
                minRtoNanos,
                delayedAckNanos,
                timeWaitNanos,
                keepAliveNanos,
                userTimeoutNanos,
                nagle,
                on);
    }
}
