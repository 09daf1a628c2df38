package io.sietch.redis;

import io.sietch.persistent.LogTail;
import io.sietch.vnic.KernelSockets;
import io.sietch.vnic.Network;
import io.sietch.vnic.NetworkOptions;
import io.sietch.vnic.StackNetwork;
import io.sietch.vnic.Wire;
import io.sietch.vnic.linux.LinuxWires;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A running server: the reactor and everything it stands on. The thread that starts it also runs and closes it, because
 * all of it belongs to one thread; {@link #stop} may be called by any other.
 */
final class ServerProcess implements AutoCloseable {
    /** Connections above the limit that are accepted only to be told so. */
    private static final int TURNED_AWAY_AT_ONCE = 32;

    /** How long a shutdown waits for clients that do not read their last replies. */
    private static final long DRAIN_NANOS = 5_000_000_000L;

    /** Keys past their time that one cron run removes at most. */
    private static final int EXPIRY_SLICE = 2000;

    /** On shared memory and on wires the server has an address, and so all ports, of its own. */
    static final int SHARED_MEMORY_PORT = 6379;

    private final Network network;
    private final Storage storage;
    private final Keyspace keyspace;
    private final Reactor reactor;
    private final Upkeep upkeep;
    private final Lookout lookout;
    private final ExecutorService helper;
    private final String greeting;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopping;
    private volatile boolean closedCleanly;

    /** Opens what the data is on: the device file, or in tests another medium. */
    @FunctionalInterface
    interface StorageOpener {
        /** @param waiter where the loop waits, for the device to wake it */
        Storage open(ServerConfig config, Waiter waiter) throws IOException;
    }

    private ServerProcess(ServerConfig config, Network network, LateHandler handler, Storage storage, long startedNanos)
            throws IOException {
        this.network = network;
        this.storage = storage;
        SecureRandom random = new SecureRandom();
        LogJournal journal = storage.journal();
        this.keyspace = new Keyspace(journal, System::currentTimeMillis, random);
        long replayFrom = System.nanoTime();
        Recovery.Recovered recovered = storage.recover(keyspace);
        long replayMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - replayFrom);
        config.capMaxBulk(journal.maxRecordBytes() - 1024L);

        CommandTable commands = new CommandTable();
        this.reactor = new Reactor(config, commands, journal, journal, System::nanoTime, this::cron);
        reactor.foresight(keyspace::foresee);
        handler.set(reactor);
        reactor.attach(network);
        this.helper = Executors.newSingleThreadExecutor(
                task -> Thread.ofPlatform().daemon().name("redis-lite-helper").unstarted(task));
        this.upkeep = new Upkeep(storage, keyspace, recovered.from(), config.deviceMaxSize(), helper, network::wake);
        this.lookout = new Lookout(System.nanoTime(), journal.appendedNews());
        ServerInfo info = new ServerInfo(() -> {
            Instant now = Instant.now();
            return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
        });
        keyspace.register(commands);
        ConnectionCommands.register(commands, config, reactor);
        ServerCommands.register(commands, config, reactor, info, this::stop);
        InfoSections.register(info, config, reactor, keyspace, storage, upkeep.checkup(), startedNanos);
        this.greeting = greeting(config, recovered, replayMillis);
    }

    /**
     * Listens, opens the data, and recovers what it holds. Clients that connect meanwhile wait.
     *
     * @throws IOException telling in one line what to do
     */
    static ServerProcess start(ServerConfig config) throws IOException {
        return start(config, Storage::openFile);
    }

    /** As {@link #start(ServerConfig)}, on what the opener opens. */
    static ServerProcess start(ServerConfig config, StorageOpener opener) throws IOException {
        long started = System.nanoTime();
        LateHandler handler = new LateHandler();
        Network network = network(config, handler);
        Storage storage = null;
        try {
            storage = openStorage(opener, config, network);
            ServerProcess process = new ServerProcess(config, network, handler, storage, started);
            // Before anybody is told that it is ready: who is told may ask it to stop at once.
            Runtime.getRuntime().addShutdownHook(new Thread(process::stopAtSignal, "redis-lite-signal"));
            return process;
        } catch (IOException | RuntimeException e) {
            if (storage != null) {
                storage.close();
            }
            network.close();
            throw e;
        }
    }

    private static Storage openStorage(StorageOpener opener, ServerConfig config, Network network) throws IOException {
        try {
            return opener.open(config, new LoopWaiter(network));
        } catch (FileSystemException e) {
            Path directory = config.dir().toAbsolutePath().normalize();
            String reason = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
            throw new IOException(
                    "cannot use " + directory + " as data directory: " + reason + "; name another with --dir", e);
        }
    }

    /** Kernel sockets, and around them the stacks on shared memory and on wires if those were asked for. */
    private static Network network(ServerConfig config, LateHandler handler) throws IOException {
        KernelSockets sockets = listen(config, handler);
        if (!sockets.addresses().isEmpty()) {
            config.boundPort(sockets.addresses().getFirst().getPort());
        }
        ListenAt at = config.listenAt();
        if (at.door() == null && at.wires().isEmpty()) {
            return sockets;
        }
        List<Wire> wires = new ArrayList<>();
        try {
            for (String url : at.wires()) {
                wires.add(LinuxWires.open(url));
            }
            return StackNetwork.listen(sockets, at.door(), wires, SHARED_MEMORY_PORT);
        } catch (IOException | RuntimeException e) {
            wires.forEach(Wire::close);
            sockets.close();
            throw e;
        }
    }

    private static KernelSockets listen(ServerConfig config, LateHandler handler) throws IOException {
        NetworkOptions options = new NetworkOptions(
                config.maxClients() + TURNED_AWAY_AT_ONCE,
                config.queryBuffer(),
                config.outputBuffer(),
                config.clientMemory());
        if (config.listenAt().isSaid()) {
            return KernelSockets.listen(config.listenAt().sockets(), handler, options);
        }
        try {
            return KernelSockets.listen(addresses(config, true), handler, options);
        } catch (IOException e) {
            List<InetSocketAddress> needed = addresses(config, false);
            if (needed.isEmpty() || needed.size() == config.bind().size()) {
                throw new IOException(e.getMessage() + "; stop whoever uses the port, or name another with --port", e);
            }
            return KernelSockets.listen(needed, handler, options);
        }
    }

    /** As in redis.conf: {@code *} is every address, and a minus marks one that may be missing. */
    private static List<InetSocketAddress> addresses(ServerConfig config, boolean optionalOnes) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String host : config.bind()) {
            boolean optional = host.startsWith("-");
            String plain = optional ? host.substring(1) : host;
            if (plain.equals("*")) {
                addresses.add(new InetSocketAddress(config.port()));
            } else if (!optional || optionalOnes) {
                addresses.add(new InetSocketAddress(plain, config.port()));
            }
        }
        if (addresses.isEmpty()) {
            addresses.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), config.port()));
        }
        return addresses;
    }

    private String greeting(ServerConfig config, Recovery.Recovered recovered, long replayMillis) {
        String tail = switch (storage.tail()) {
            case LogTail.Clean clean -> "clean";
            case LogTail.Torn torn -> "cut an interrupted commit after position " + torn.end();
            case LogTail.Corrupt corrupt -> "damaged at position " + corrupt.position();
        };
        Path door = config.listenAt().door();
        return "redis-lite " + RedisServer.version() + " ready on port " + config.port()
                + (door == null ? "" : " and shared memory " + door)
                + config.listenAt().wires().stream().map(" and "::concat).collect(Collectors.joining()) + ", pid "
                + ProcessHandle.current().pid() + ", dir "
                + config.dir().toAbsolutePath().normalize() + ", medium "
                + storage.media().characteristics().kind() + ", appendfsync "
                + config.appendFsync().text()
                + ", recovered " + (recovered.keys() > 0 ? recovered.keys() + " keys of a checkpoint and " : "")
                + recovered.records() + " records (" + ServerInfo.human(recovered.bytes()) + ") in "
                + replayMillis + " ms, log " + tail;
    }

    /** One line for people: where it listens, on what it stands, what it found. */
    String greeting() {
        return greeting;
    }

    private void cron(long nowNanos) {
        keyspace.expireCycle(System.currentTimeMillis(), EXPIRY_SLICE);
    }

    // ---- running
    // ------------------------------------------------------------------------------------------------------

    /** Serves until {@link #stop}, then lets the last replies leave. */
    void run() {
        while (!stopping) {
            turn();
        }
        network.stopAccepting();
        reactor.drain();
        long deadline = System.nanoTime() + DRAIN_NANOS;
        while (!reactor.isDrained() && System.nanoTime() - deadline < 0) {
            turn();
        }
    }

    /** One turn that waits for nothing. Returns how much was done. */
    int poll() {
        return reactor.poll() + upkeep.poll(reactor.now());
    }

    private void turn() {
        int work = poll();
        if (!network.looksBeforeItSleeps()
                && lookout.looks(reactor.now(), work, storage.journal().appendedNews())) {
            Thread.yield();
        } else if (work == 0) {
            network.await(reactor.idleNanos());
        }
    }

    /** Ends {@link #run} soon. Any thread. */
    void stop() {
        stopping = true;
        network.wake();
    }

    /**
     * A signal would end the process with its own number; a server that was asked to stop and did so has not failed.
     */
    private void stopAtSignal() {
        if (ended.getCount() == 0) {
            return;
        }
        stop();
        boolean done = false;
        while (!done) {
            try {
                ended.await();
                done = true;
            } catch (InterruptedException e) {
                // Nobody interrupts this thread; and if, the data still comes first.
            }
        }
        Runtime.getRuntime().halt(closedCleanly ? 0 : 1);
    }

    /** Makes everything durable and closes the data. */
    @Override
    public void close() throws IOException {
        try {
            helper.close();
            upkeep.finish();
            storage.close();
            network.close();
            keyspace.close();
            closedCleanly = true;
        } finally {
            ended.countDown();
        }
    }
}
