package io.sietch.vnic;

/**
 * The limits of a network.
 *
 * @param maxFlows flows open at once; others wait until one closes
 * @param maxReceiveBytes received and not consumed bytes that one flow may hold; a flow with more is closed
 * @param maxSendBytes committed and not sent bytes that one flow may hold; {@link Flow#claim} is refused beyond
 * @param maxTotalBytes memory that the buffers of all flows together may take
 */
public record NetworkOptions(int maxFlows, int maxReceiveBytes, int maxSendBytes, long maxTotalBytes) {
    /** The largest buffer there is: sizes are powers of two that fit an {@code int}. */
    public static final int MAX_BUFFER_BYTES = 1 << 30;

    /** 10,000 flows, 128 MiB each way for one, 1 GiB for all. */
    public static final NetworkOptions DEFAULTS = new NetworkOptions(10_000, 128 << 20, 128 << 20, 1L << 30);

    public NetworkOptions {
        if (maxFlows < 1
                || maxReceiveBytes < 1
                || maxReceiveBytes > MAX_BUFFER_BYTES
                || maxSendBytes < 1
                || maxSendBytes > MAX_BUFFER_BYTES
                || maxTotalBytes < 1) {
            throw new IllegalArgumentException("limits of " + maxFlows + " flows, " + maxReceiveBytes
                    + " bytes received, "
                    + maxSendBytes + " bytes to send, " + maxTotalBytes + " bytes in all: each must be positive, a"
                    + " flow's at most " + MAX_BUFFER_BYTES);
        }
    }

    public NetworkOptions withMaxFlows(int flows) {
        return new NetworkOptions(flows, maxReceiveBytes, maxSendBytes, maxTotalBytes);
    }

    public NetworkOptions withFlowBytes(int receive, int send) {
        return new NetworkOptions(maxFlows, receive, send, maxTotalBytes);
    }

    public NetworkOptions withTotalBytes(long bytes) {
        return new NetworkOptions(maxFlows, maxReceiveBytes, maxSendBytes, bytes);
    }
}
