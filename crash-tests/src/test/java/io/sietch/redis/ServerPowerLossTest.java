package io.sietch.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.crash.Choices;
import io.sietch.crash.CrashGeometry;
import io.sietch.crash.CrashMedia;
import io.sietch.crash.CrashModel;
import io.sietch.crash.CrashPlan;
import io.sietch.vsa.ControlPlane;
import io.sietch.vsic.ControllerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The whole server behind a kernel socket, on a medium that loses power again and again, while it starts too: what its
 * clients wrote down as acknowledged is there, and nothing that nobody wrote.
 */
@NullMarked
@Timeout(60)
class ServerPowerLossTest {
    private static final int ROUNDS = 20 * Math.max(1, Integer.getInteger(CrashPlan.TRIES_PROPERTY, 1));
    private static final long SEED = Long.getLong(CrashPlan.SEED_PROPERTY, 1);
    private static final int WRITERS = 3;
    private static final int EVENTS = 120;
    private static final int SEGMENT = 1 << 16;
    private static final long SIZE = ControlPlane.minimumBytes(ControlPlane.DEFAULT_UNIT_BYTES) + 192 * (long) SEGMENT;
    private static final int ANSWER_MILLIS = 20_000;

    /** The server tells of each medium that it loses, which is the point here. */
    private static final Logger QUIET = Logger.getLogger("io.sietch");

    static {
        QUIET.setLevel(Level.OFF);
    }

    /** What the writer of a key knows, in memory that no power loss reaches. */
    private static final class Writer {
        final String key;
        long acknowledged;
        long attempted;
        int looked;

        @Nullable
        String wrong;

        Writer(String key) {
            this.key = key;
        }

        /** Looks at its key, then counts it up until the server refuses. */
        void run(int port) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(ANSWER_MILLIS);
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
                String length = ask(socket, in, "GET " + key);
                if (length == null || !length.startsWith("$")) {
                    return;
                }
                long value = length.equals("$-1") ? 0 : Long.parseLong(in.readLine());
                looked++;
                if (value < acknowledged || value > attempted) {
                    wrong = key + " is " + value + ", not from " + acknowledged + " to " + attempted;
                    return;
                }
                acknowledged = value;
                attempted = Math.max(attempted, value) + 1;
                while ("+OK".equals(ask(socket, in, "SET " + key + " " + attempted))) {
                    acknowledged = attempted++;
                }
            } catch (IOException e) {
                // The server is gone with its medium.
            }
        }

        private static @Nullable String ask(Socket socket, BufferedReader in, String request) throws IOException {
            socket.getOutputStream().write((request + "\r\n").getBytes(ISO_8859_1));
            return in.readLine();
        }
    }

    /** Serves on a thread of its own until told to stop; says how it started. */
    private static Thread serve(CrashMedia media, ServerConfig config, CompletableFuture<ServerProcess> started) {
        return Thread.ofPlatform().name("server").start(() -> {
            try (ServerProcess process = ServerProcess.start(
                    config,
                    (with, waiter) ->
                            Storage.open(media, "memory", with, ControllerOptions.DEFAULTS.withWaiter(waiter)))) {
                started.complete(process);
                process.run();
            } catch (IOException | RuntimeException e) {
                // With the power gone it neither starts nor closes well; the clients say what counts.
                started.completeExceptionally(e);
            }
        });
    }

    private static ServerConfig config() throws ConfigException {
        ServerConfig config = new ServerConfig();
        config.set("port", List.of("0"));
        config.set("log-segment-size", List.of(Integer.toString(SEGMENT)));
        config.set("log-checkpoint-interval", List.of("4096"));
        config.set("device-max-size", List.of(Long.toString(SIZE)));
        return config;
    }

    /** One life. Says whether the server came up. */
    private static boolean live(CrashMedia media, List<Writer> writers) throws Exception {
        ServerConfig config = config();
        CompletableFuture<ServerProcess> started = new CompletableFuture<>();
        Thread server = serve(media, config, started);
        boolean up = true;
        try {
            ServerProcess process = started.join();
            List<Thread> threads = new ArrayList<>();
            for (Writer writer : writers) {
                threads.add(Thread.ofPlatform().start(() -> writer.run(config.port())));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            process.stop();
        } catch (CompletionException e) {
            up = false; // the power went while it recovered
        }
        server.join();
        return up;
    }

    @Test
    void whatClientsWroteDownIsThereAfterEachPowerLoss() throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        List<Writer> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            writers.add(new Writer("key" + i));
        }
        CrashMedia media = new CrashMedia(CrashGeometry.of(SIZE));
        ControlPlane.format(media);
        int up = 0;
        for (int round = 0; round < ROUNDS; round++) {
            media.cutPower(media.events() + random.nextInt(EVENTS), random.nextBoolean());
            up += live(media, writers) ? 1 : 0;
            assertThat(writers).as("seed %d, round %d", SEED, round).allMatch(writer -> writer.wrong == null);
            media = CrashMedia.on(media.crash(CrashModel.GARBAGE_SECTORS, Choices.random(random.nextLong())));
        }
        media.cutPower(2 * EVENTS, false);
        assertThat(live(media, writers)).as("it starts").isTrue();
        assertThat(writers).as("seed %d, at last", SEED).allMatch(writer -> writer.wrong == null);
        System.out.println("redis-lite, the whole process: " + ROUNDS + " power losses, started " + up + " times, "
                + writers.stream().mapToLong(writer -> writer.acknowledged).sum() + " writes acknowledged, seed "
                + SEED);
        assertThat(up).isGreaterThan(ROUNDS / 2);
        assertThat(writers).allMatch(writer -> writer.acknowledged > ROUNDS && writer.looked > ROUNDS / 2);
    }
}
