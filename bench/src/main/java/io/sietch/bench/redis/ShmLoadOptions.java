package io.sietch.bench.redis;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a load over shared memory is made of, as {@code redis-benchmark} calls it. */
final class ShmLoadOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "-c", defaultValue = "50", description = "Connections (default 50).")
    private int connections;

    @Option(names = "-P", defaultValue = "16", description = "Requests at once on each (default 16).")
    private int pipeline;

    @Option(names = "-d", defaultValue = "64", description = "Bytes of a value (default 64).")
    private int valueBytes;

    @Option(names = "-r", defaultValue = "100000", description = "Keys (default 100000).")
    private int keys;

    @Option(names = "--tcp", description = "By connections of TCP, and not by streams over the rings.")
    private boolean overTcp;

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

    /** Refuses nonsense, before anything was begun. */
    void check(double seconds, String... tests) {
        require(connections > 0, "-c " + connections + ": must be more than 0");
        require(pipeline > 0, "-P " + pipeline + ": must be more than 0");
        require(keys > 0, "-r " + keys + ": must be more than 0");
        require(valueBytes >= 0, "-d " + valueBytes + ": must not be less than 0");
        require(seconds > 0, "--seconds " + seconds + ": must be more than 0");
        for (String test : tests) {
            require(test.equals("get") || test.equals("set"), "-t " + test + ": must be get or set");
        }
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new CommandLine.ParameterException(spec.commandLine(), otherwise);
        }
    }

    /** Connects, and is ready to send. */
    ShmLoad load(Path door, String test, long spinNanos) throws IOException {
        ShmLoad.Request request = ShmLoad.Request.of(test, valueBytes, keys);
        return new ShmLoad(door, request, connections, pipeline, overTcp, spinNanos);
    }
}
