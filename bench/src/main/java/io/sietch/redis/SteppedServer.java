package io.sietch.redis;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A redis-lite over shared memory whose turns are somebody else's to take: so server and client can take turns on one
 * thread, and what each does can be told apart on a machine that others use.
 *
 * <p>Threads: the one that starts it.
 */
public final class SteppedServer implements AutoCloseable {
    private final ServerProcess process;

    private SteppedServer(ServerProcess process) {
        this.process = process;
    }

    /**
     * Starts a server that makes every write durable.
     *
     * @param directory of the data
     * @param door of the shared memory, to be made
     * @throws IOException if it cannot start
     */
    public static SteppedServer start(Path directory, Path door) throws IOException {
        ServerConfig config = new ServerConfig();
        try {
            config.set("dir", List.of(directory.toString()));
            config.set("listen", List.of("shm://" + door.toAbsolutePath()));
        } catch (ConfigException e) {
            throw new IOException(e.getMessage(), e);
        }
        return new SteppedServer(ServerProcess.start(config));
    }

    /** One turn, which waits for nothing. Returns how much was done. */
    public int poll() {
        return process.poll();
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
