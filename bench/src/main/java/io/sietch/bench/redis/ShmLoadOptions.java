package io.sietch.bench.redis;

import picocli.CommandLine.Option;

/** What a load over shared memory is made of, as {@code redis-benchmark} calls it. */
final class ShmLoadOptions {
    @Option(names = "-c", defaultValue = "50", description = "Connections (default 50).")
    private int connections;

    @Option(names = "-P", defaultValue = "16", description = "Requests at once on each (default 16).")
    private int pipeline;

    @Option(names = "-d", defaultValue = "64", description = "Bytes of a value (default 64).")
    private int valueBytes;

    @Option(names = "-r", defaultValue = "100000", description = "Keys (default 100000).")
    private int keys;

    int connections() {
        return connections;
    }

    int pipeline() {
        return pipeline;
    }

    int valueBytes() {
        return valueBytes;
    }

    int keys() {
        return keys;
    }

    ShmLoad.Request request(String test) {
        return ShmLoad.Request.of(test, valueBytes, keys);
    }
}
