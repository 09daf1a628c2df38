package io.sietch.bench.redis;

import io.sietch.bench.report.Children;
import java.io.IOException;
import java.nio.file.Path;

/** {@link ShmLoad} in a JVM of its own. */
final class ShmFork {
    private static final int VALUE_BYTES = 64;
    private static final int KEYS = 100_000;
    private static final long SPIN_NANOS = 50_000;

    private ShmFork() {}

    /** The arguments are the server's socket, set or get, connections, pipeline, seconds to warm up and to measure. */
    public static void main(String[] args) throws IOException {
        Children.endWithParent();
        int connections = Integer.parseInt(args[2]);
        int pipeline = Integer.parseInt(args[3]);
        if (args[1].equals("get")) {
            ShmLoad.fill(Path.of(args[0]), VALUE_BYTES, KEYS, SPIN_NANOS);
        }
        ShmLoad.Request request = ShmLoad.Request.of(args[1], VALUE_BYTES, KEYS);
        try (ShmLoad load = new ShmLoad(Path.of(args[0]), request, connections, pipeline, false, SPIN_NANOS)) {
            load.run(Double.parseDouble(args[4]));
            ShmLoad.Figures f = load.run(Double.parseDouble(args[5]));
            System.out.println(Measured.line(f.rate(), f.meanMicros(), f.p50Micros(), f.p99Micros()));
        }
    }
}
