package io.sietch.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.sietch.vnic.MemoryNetwork;
import io.sietch.vnic.NetworkOptions;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.SplittableRandom;

/** A whole server but for its storage, on the test's own thread: the test decides when the journal is durable. */
final class ReactorHarness implements AutoCloseable {
    final FakeJournal journal;
    final ServerConfig config = new ServerConfig();
    final Keyspace keyspace;
    final MemoryNetwork network;
    final Reactor reactor;
    final CommandTable table;
    long now = 1;
    int commits;
    int submits;
    /** Whether the last commit was to be flushed in the loop. */
    boolean flushedHere;

    /** How long a commit takes. */
    long flushNanos;

    /** When the log is moved on. */
    Runnable onLogPoll = () -> {};

    boolean shutdownAsked;
    private boolean closed;
    /** Whether each commit is durable at once. */
    boolean durableAtOnce = true;

    private final class TestCommitter implements Committer {
        @Override
        public void submit() {
            submits++;
        }

        @Override
        public void commit(boolean here) {
            commits++;
            flushedHere = here;
            now += flushNanos;
            if (durableAtOnce) {
                journal.makeDurable();
            }
        }

        @Override
        public int poll() {
            onLogPoll.run();
            return 0;
        }
    }

    /** Another end of a connection that knows how to ask. */
    final class Client {
        final MemoryNetwork.Peer peer = network.connect();
        private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();

        /** Adds a request to the piece that the next turn delivers. */
        Client send(String... arguments) {
            unsent.writeBytes(Wire.request(arguments));
            return this;
        }

        Client sendRaw(String bytes) {
            unsent.writeBytes(bytes.getBytes(ISO_8859_1));
            return this;
        }

        /** Delivers what was sent as one piece. */
        Client deliver() {
            if (unsent.size() > 0) {
                peer.send(unsent.toByteArray());
                unsent.reset();
            }
            return this;
        }

        /** What has come, after a turn. */
        String turn() {
            deliver();
            ReactorHarness.this.turn();
            return peer.takeText();
        }

        String ask(String... arguments) {
            return send(arguments).turn();
        }

        boolean isClosed() {
            ReactorHarness.this.turn();
            return peer.isClosed();
        }
    }

    ReactorHarness() {
        this(NetworkOptions.DEFAULTS, List.of());
    }

    /** @param settings names and values in turn */
    ReactorHarness(NetworkOptions options, List<String> settings) {
        for (int i = 0; i < settings.size(); i += 2) {
            try {
                config.set(settings.get(i), List.of(settings.get(i + 1)));
            } catch (ConfigException e) {
                throw new IllegalArgumentException(e);
            }
        }
        journal = new FakeJournal(1 << 20);
        config.capMaxBulk(journal.maxRecordBytes() - 1024);
        keyspace = new Keyspace(journal, () -> 1_700_000_000_000L + now / 1_000_000, new SplittableRandom(1));
        table = new CommandTable();
        reactor = new Reactor(config, table, journal, new TestCommitter(), () -> now, nanos -> {});
        network = new MemoryNetwork(reactor, options);
        reactor.attach(network);
        keyspace.register(table);
        ServerInfo info = new ServerInfo(() -> 1_700_000_000_000_000L);
        info.section("Server", lines -> lines.add("redis_version", RedisServer.REDIS_VERSION));
        info.section("Clients", lines -> lines.add("connected_clients", reactor.clients()));
        ConnectionCommands.register(table, config, reactor);
        ServerCommands.register(table, config, reactor, info, () -> shutdownAsked = true);
    }

    Client connect() {
        return new Client();
    }

    void turn() {
        reactor.poll();
    }

    static String bulk(String text) {
        return "$" + text.getBytes(ISO_8859_1).length + "\r\n" + text + "\r\n";
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            network.close();
            keyspace.close();
        }
    }
}
