package io.sietch.redis;

/** Counters for {@code INFO}. One thread. */
final class ServerStats {
    /** How many samples the rate of requests is the mean of. */
    private static final int SAMPLES = 16;

    private final long[] rates = new long[SAMPLES];
    private int nextRate;
    private long sampledAt = Long.MIN_VALUE;
    private long sampledRequests;

    private long connections;
    private long rejected;
    private long requests;
    private long protocolErrors;
    private long outputLimits;

    void countConnection() {
        connections++;
    }

    void countRejected() {
        rejected++;
    }

    void countRequest() {
        requests++;
    }

    void countProtocolError() {
        protocolErrors++;
    }

    void countOutputLimit() {
        outputLimits++;
    }

    long connections() {
        return connections;
    }

    long rejected() {
        return rejected;
    }

    long requests() {
        return requests;
    }

    long protocolErrors() {
        return protocolErrors;
    }

    long outputLimits() {
        return outputLimits;
    }

    /** Takes a sample of the rate of requests. */
    void sample(long nowNanos) {
        if (sampledAt != Long.MIN_VALUE && nowNanos > sampledAt) {
            rates[nextRate] = (requests - sampledRequests) * 1_000_000_000L / (nowNanos - sampledAt);
            nextRate = (nextRate + 1) % SAMPLES;
        }
        sampledAt = nowNanos;
        sampledRequests = requests;
    }

    /** Requests a second of late. */
    long requestsPerSecond() {
        long sum = 0;
        for (long rate : rates) {
            sum += rate;
        }
        return sum / SAMPLES;
    }

    /** For {@code CONFIG RESETSTAT}. */
    void reset() {
        connections = 0;
        rejected = 0;
        protocolErrors = 0;
        outputLimits = 0;
        sampledRequests -= requests;
        requests = 0;
    }
}
