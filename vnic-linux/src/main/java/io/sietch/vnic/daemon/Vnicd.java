package io.sietch.vnic.daemon;

import io.sietch.net.Ipv4Format;
import io.sietch.vnic.FrameFilter;
import io.sietch.vnic.RateLimit;
import io.sietch.vnic.VnicGrant;
import io.sietch.vnic.VnicOptions;
import io.sietch.vnic.linux.XdpGrant;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The control plane of the network as a command line. {@code serve} is the daemon; the other commands are orders to it:
 * they are read here, so that mistakes are told at once, then sent as they are, and executed there.
 *
 * <p>Exit codes: 0, 1 if it cannot be done, 2 for a mistake on the command line.
 */
@Command(
        name = "vnicd",
        description = "Gives network cards to processes without privileges, says what they may, and takes them back.",
        version = "vnicd 0.1.0",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        sortOptions = false,
        usageHelpAutoWidth = true)
public final class Vnicd {
    private static final int FAILED = 1;
    private static final String NONE = "none";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            scope = CommandLine.ScopeType.INHERIT,
            description = "Where the daemon has its socket and the doors (default ${DEFAULT-VALUE}).")
    private Path directory = Path.of("/run/vnicd");

    /** The daemon that executes; null in a process that only asks it. */
    private final @Nullable Daemon daemon;

    private Vnicd(@Nullable Daemon daemon) {
        this.daemon = daemon;
    }

    /** Runs the command line, and exits. */
    public static void main(String... arguments) {
        System.exit(run(new PrintWriter(System.out, true, StandardCharsets.UTF_8), arguments));
    }

    /** As {@link #main}, for whoever wants to see what is said. */
    static int run(PrintWriter out, String... arguments) {
        CommandLine line = commandLine(null, out);
        line.setExecutionStrategy(parsed -> {
            Integer help = CommandLine.executeHelpRequest(parsed);
            if (help != null) {
                return help;
            }
            if (parsed.hasSubcommand()
                    && !parsed.subcommand().commandSpec().name().equals("serve")) {
                return ((Vnicd) parsed.commandSpec().userObject()).send(arguments);
            }
            return new CommandLine.RunLast().execute(parsed);
        });
        return line.execute(arguments);
    }

    static CommandLine commandLine(@Nullable Daemon daemon, PrintWriter out) {
        return new CommandLine(new Vnicd(daemon))
                .setOut(out)
                .setErr(out)
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    if (failure instanceof IOException
                            || failure instanceof IllegalArgumentException
                            || failure instanceof IllegalStateException) {
                        line.getErr().println("vnicd: " + text(failure));
                        line.getErr().flush();
                        return FAILED;
                    }
                    throw failure;
                });
    }

    private static String text(Exception failure) {
        return switch (failure) {
            case AccessDeniedException e -> "permission denied: " + e.getMessage();
            case NoSuchFileException e -> "no such file: " + e.getMessage();
            default -> String.valueOf(failure.getMessage());
        };
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private Daemon daemon() {
        if (daemon == null) {
            throw new IllegalStateException("this is for the daemon to do");
        }
        return daemon;
    }

    // ---- the daemon -------------------------------------------------------------------------------------------------

    @Command(description = "Serves until it is told to stop (SIGTERM); then everything given is taken back.")
    int serve() throws IOException {
        CountDownLatch ended = new CountDownLatch(1);
        try (Daemon serving = new Daemon(directory)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(serving, ended)));
            out().println("vnicd ready at " + directory);
            out().flush();
            serving.run();
        } finally {
            ended.countDown();
        }
        return 0;
    }

    private static void stop(Daemon serving, CountDownLatch ended) {
        serving.stop();
        try {
            // Else the process would end before everything is taken back.
            if (!ended.await(10, TimeUnit.SECONDS)) {
                System.err.println("vnicd: the end took too long");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int send(String[] arguments) {
        try {
            return order(arguments);
        } catch (IOException e) {
            out().println("vnicd: " + e.getMessage());
            out().flush();
            return FAILED;
        }
    }

    /** Sends the command line to the daemon, and says what it says. */
    private int order(String[] arguments) throws IOException {
        Path control = directory.resolve(Daemon.CONTROL);
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            try {
                channel.connect(UnixDomainSocketAddress.of(control));
            } catch (IOException e) {
                boolean nobody = e instanceof ConnectException || Files.notExists(control);
                throw new IOException(
                        nobody
                                ? "no vnicd serves " + directory + "; start one: vnicd --dir " + directory + " serve"
                                : "cannot give orders at " + control + ": " + e.getMessage(),
                        e);
            }
            byte[] order = (String.join("\0", arguments) + "\0").getBytes(StandardCharsets.UTF_8);
            if (order.length >= Daemon.MAX_ORDER_BYTES) {
                throw new IOException("the command line is too long");
            }
            ByteBuffer bytes = ByteBuffer.wrap(order);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.shutdownOutput();
            byte[] answer = Channels.newInputStream(channel).readAllBytes();
            if (answer.length == 0) {
                throw new IOException("the vnicd at " + directory + " has ended");
            }
            out().print(new String(answer, 1, answer.length - 1, StandardCharsets.UTF_8));
            out().flush();
            return answer[0];
        }
    }

    // ---- orders -----------------------------------------------------------------------------------------------------

    @Command(description = "Lists the network cards.")
    int list() {
        daemon().holdings().forEach((name, holding) -> out().println(name + " " + holding.line()));
        return 0;
    }

    @Command(description = "Shows what a network card's owner may.")
    int show(@Parameters(paramLabel = "NAME") String name) {
        Holding holding = daemon().holding(name);
        out().println(name + " " + holding.line());
        out().println("door " + holding.door());
        holding.receive().forEach(filter -> out().println("receive " + FilterText.of(filter)));
        holding.transmit().forEach(filter -> out().println("transmit " + FilterText.of(filter)));
        RateLimit limit = holding.limit();
        out().println("rate " + rate(limit.bytesPerSecond()) + " bytes/s " + rate(limit.framesPerSecond())
                + " frames/s burst " + limit.burstNanos() / 1_000_000.0 + " ms");
        return 0;
    }

    private static String rate(long perSecond) {
        return perSecond == RateLimit.UNLIMITED ? "unlimited" : Long.toString(perSecond);
    }

    @Command(
            description = "Makes a network card and the door at which one process at a time can have it: in shared"
                    + " memory, or by AF_XDP at one end of a pair of interfaces made for it.")
    int attach(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--ip", required = true, paramLabel = "A.B.C.D", description = "Its IPv4 address.")
                    String ip,
            @Option(names = "--server", paramLabel = "A.B.C.D", description = "Whom a VnicClient on it talks to.")
                    @Nullable
                    String server,
            @Option(
                            names = "--pair",
                            paramLabel = "INNER:OUTER",
                            description = "Makes these two interfaces; the process gets INNER, the system OUTER.")
                    @Nullable
                    String pair,
            @Option(names = "--host", paramLabel = "A.B.C.D/BITS", description = "The address of OUTER.") @Nullable
                    String host,
            @Option(names = "--user", paramLabel = "USER", description = "Who may have it (default: who serves).")
                    @Nullable
                    String user,
            @Option(names = "--door", paramLabel = "PATH", description = "The door (default: DIR/NAME).") @Nullable
                    Path doorPath)
            throws IOException {
        Daemon serving = daemon();
        serving.checkNew(name);
        Path door = (doorPath == null ? serving.directory().resolve(name) : doorPath).toAbsolutePath();
        int address = Ipv4Format.parse(ip);
        UserPrincipal owner = user == null
                ? null
                : serving.directory()
                        .getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName(user);
        if (pair == null) {
            int peer = server == null ? 0 : Ipv4Format.parse(server);
            VnicGrant grant = serving.host().grant(name, door, address, peer, VnicOptions.DEFAULTS, owner);
            serving.holdings().put(name, new Holding.InMemory(grant, door));
        } else {
            XdpGrant grant = attachPair(serving, pair, address, host, door, owner);
            serving.holdings().put(name, new Holding.OnPair(grant, door));
        }
        out().println("attached " + name + " at " + door);
        return 0;
    }

    private static XdpGrant attachPair(
            Daemon serving, String pair, int address, @Nullable String host, Path door, @Nullable UserPrincipal owner)
            throws IOException {
        String[] names = pair.split(":", -1);
        String[] sides = host == null ? new String[] {"0.0.0.0", "0"} : host.split("/", -1);
        if (names.length != 2 || sides.length != 2 || !sides[1].matches("\\d{1,2}")) {
            throw new IllegalArgumentException("--pair must be INNER:OUTER, and --host A.B.C.D/BITS");
        }
        Files.deleteIfExists(door);
        XdpGrant grant = XdpGrant.openPair(
                names[0],
                names[1],
                address,
                host == null ? 0 : Ipv4Format.parse(sides[0]),
                Integer.parseInt(sides[1]),
                door,
                owner);
        grant.serve(serving.host());
        return grant;
    }

    @Command(
            description =
                    "Says which frames reach a network card, from now on. FILTER: " + FilterText.SYNTAX + "; or none.")
    int receive(
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "FILTER", arity = "1..*") List<String> filters)
            throws IOException {
        daemon().holding(name).receive(filters(filters));
        return 0;
    }

    @Command(
            description = "Says which frames a network card may send, from now on. FILTER: " + FilterText.SYNTAX
                    + "; or none.")
    int transmit(
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "FILTER", arity = "1..*") List<String> filters)
            throws IOException {
        daemon().holding(name).transmit(filters(filters));
        return 0;
    }

    private static List<FrameFilter> filters(List<String> texts) {
        return texts.equals(List.of(NONE))
                ? List.of()
                : texts.stream().map(FilterText::parse).toList();
    }

    @Command(description = "Limits what a network card may send, from now on. What is not named is not limited.")
    int rate(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--bytes", paramLabel = "N", description = "Bytes a second, such as 125000000.") long bytes,
            @Option(names = "--frames", paramLabel = "N", description = "Frames a second.") long frames,
            @Option(
                            names = "--burst",
                            paramLabel = "MS",
                            defaultValue = "1",
                            description = "How much of an unused rate is kept, in ms of it (default ${DEFAULT-VALUE}).")
                    double burst)
            throws IOException {
        daemon().holding(name).limit(new RateLimit(bytes, frames, (long) (burst * 1_000_000)));
        return 0;
    }

    @Command(description = "Takes a network card away for good, from whoever has it.")
    int revoke(@Parameters(paramLabel = "NAME") String name) throws IOException {
        daemon().holding(name).revoke();
        daemon().holdings().remove(name);
        return 0;
    }
}
