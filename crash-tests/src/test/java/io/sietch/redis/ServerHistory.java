package io.sietch.redis;

import io.sietch.crash.Choices;
import io.sietch.crash.CrashGeometry;
import io.sietch.crash.CrashModel;
import io.sietch.crash.PowerCut;
import io.sietch.crash.PowerSupply;
import io.sietch.crash.linear.Operation;
import io.sietch.crash.linear.Operation.Kind;
import io.sietch.vnic.MemoryNetwork;
import io.sietch.vnic.NetworkOptions;
import io.sietch.vsa.ControlPlane;
import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.LatencyModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * Several clients of the server (reactor, keyspace, journal, storage) on one thread and on virtual time. The power
 * goes, the server recovers, and new clients go on; at the end every key is read. Everything follows from the seed.
 */
@NullMarked
final class ServerHistory implements LongFunction<List<Operation>> {
    private static final List<String> KEYS = List.of("a", "b", "n");
    private static final int CLIENTS = 4;
    private static final int PIPELINE = 2;
    private static final int LIVES = 4;
    private static final int STEPS = 160;
    /** A cut inside a step comes after so many more events of the medium at most. */
    private static final int EVENTS_AHEAD = 4;

    private static final int SEGMENT = 1 << 16;

    /** Each turn may write a block, and nothing is cleaned. */
    private static final int SEGMENTS = 48;

    /** The server tells of each medium that it loses, which is the point here. */
    private static final Logger QUIET = Logger.getLogger("io.sietch");

    static {
        QUIET.setLevel(Level.OFF);
    }

    private static final long START = 1_700_000_000_000L;

    private SplittableRandom random = new SplittableRandom();
    private PowerSupply power = supply();
    private final List<Operation> history = new ArrayList<>();
    private long moment;
    private int values;
    // Whether this life ends inside a turn. The server takes that for the end of its medium, and may still say so.
    private boolean cutsInside;

    private static PowerSupply supply() {
        long size = ControlPlane.minimumBytes(ControlPlane.DEFAULT_UNIT_BYTES) + SEGMENTS * (long) SEGMENT;
        return new PowerSupply(CrashGeometry.of(size), new LatencyModel(0, 1000, 5000), CrashModel.GARBAGE_SECTORS);
    }

    @Override
    public List<Operation> apply(long seed) {
        random = new SplittableRandom(seed);
        power = supply();
        history.clear();
        try {
            ControlPlane.format(power.media());
            for (int life = 0; life < LIVES; life++) {
                new Server().live(life == LIVES - 1);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("seed " + seed, e);
        }
        return List.copyOf(history);
    }

    /** One life of the server and of the clients that are connected to it. */
    private final class Server {
        private final LogJournal journal;
        private final Keyspace keyspace;
        private final MemoryNetwork network;
        private final Reactor reactor;
        private final List<Client> clients = new ArrayList<>();

        Server() throws IOException {
            ServerConfig config = new ServerConfig();
            try {
                config.set("log-segment-size", List.of(Integer.toString(SEGMENT)));
            } catch (ConfigException e) {
                throw new IllegalArgumentException(e);
            }
            Storage storage = Storage.open(
                    power.media(),
                    "memory",
                    config,
                    ControllerOptions.inline(power.time()).withWaiter(power.time()));
            journal = storage.journal();
            keyspace =
                    new Keyspace(journal, () -> START + power.time().nanoTime() / 1_000_000, new SplittableRandom(1));
            storage.recover(keyspace);
            CommandTable commands = new CommandTable();
            reactor = new Reactor(config, commands, journal, journal, power.time(), now -> {});
            network = new MemoryNetwork(reactor, NetworkOptions.DEFAULTS);
            reactor.attach(network);
            keyspace.register(commands);
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new Client(i, network.connect()));
            }
        }

        void live(boolean last) {
            cutsInside = random.nextBoolean() && !last;
            if (cutsInside) {
                power.media()
                        .cutPower(
                                power.media().events() + 2 + random.nextInt(STEPS / EVENTS_AHEAD),
                                random.nextBoolean());
            }
            try {
                int steps = last ? 2 : 1 + random.nextInt(STEPS);
                for (int i = 0; i < steps && !journal.isFailed(); i++) {
                    Client client = clients.get(random.nextInt(CLIENTS));
                    if (client.isFree() && random.nextInt(3) > 0) {
                        client.ask();
                    }
                    turn();
                }
                if (last) {
                    readEverything();
                }
            } catch (PowerCut cut) {
                // as wanted, in the middle of a turn
            }
            if (!last) {
                clients.forEach(Client::receive);
                moment++;
                clients.forEach(Client::crashed);
                power.cut(choices());
            }
            network.close();
            keyspace.close();
        }

        private Choices choices() {
            return switch (random.nextInt(4)) {
                case 0 -> Choices.OLDEST;
                case 1 -> Choices.NEWEST;
                default -> Choices.random(random.nextLong());
            };
        }

        private void turn() {
            power.time().advance(1 + random.nextInt(3000));
            reactor.poll();
            for (Client client : clients) {
                client.receive();
            }
        }

        private void readEverything() {
            while (!clients.stream().allMatch(client -> client.asked.isEmpty())) {
                turn();
            }
            for (String key : KEYS) {
                Client client = clients.getFirst();
                client.ask(key, Kind.GET);
                while (!client.asked.isEmpty()) {
                    turn();
                }
            }
        }
    }

    /** What was asked and is not answered. */
    private record Asked(String key, Kind kind, String argument, long invoked) {}

    private final class Client {
        private final int number;
        private final MemoryNetwork.Peer peer;
        private final Deque<Asked> asked = new ArrayDeque<>();
        private String received = "";

        Client(int number, MemoryNetwork.Peer peer) {
            this.number = number;
            this.peer = peer;
        }

        boolean isFree() {
            return asked.size() < PIPELINE;
        }

        void ask() {
            Kind[] kinds = Kind.values();
            ask(KEYS.get(random.nextInt(KEYS.size())), kinds[random.nextInt(kinds.length)]);
        }

        void ask(String key, Kind kind) {
            String argument = kind == Kind.SET ? Integer.toString(1000 * ++values) : "";
            asked.add(new Asked(key, kind, argument, ++moment));
            peer.send((kind + " " + key + " " + argument).strip() + "\r\n");
        }

        void receive() {
            received += peer.takeText();
            for (int end = received.indexOf("\r\n"); end >= 0; end = received.indexOf("\r\n")) {
                String line = received.substring(0, end);
                int used = end + 2;
                if (line.startsWith("$") && !line.equals("$-1")) {
                    int length = Integer.parseInt(line.substring(1));
                    line = received.substring(used - 1, used + length);
                    used += length + 2;
                }
                received = received.substring(used);
                answered(line);
            }
        }

        private void answered(String reply) {
            Asked first = asked.remove();
            if (cutsInside && reply.startsWith("-MISCONF")) {
                note(first, null, false, ++moment);
                return;
            }
            if (reply.startsWith("-")) {
                throw new IllegalStateException(first + " was refused: " + reply);
            }
            String result = reply.equals("$-1") ? null : reply.substring(1);
            note(first, result, true, ++moment);
        }

        void crashed() {
            asked.forEach(each -> note(each, null, false, moment));
        }

        private void note(Asked request, @Nullable String result, boolean answered, long ended) {
            history.add(new Operation(
                    number, request.key, request.kind, request.argument, request.invoked, ended, result, answered));
        }
    }
}
