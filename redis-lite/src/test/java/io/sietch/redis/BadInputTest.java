package io.sietch.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vnic.NetworkOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What hostile or broken clients send: their connection ends, memory stays bounded, and the others are served. */
class BadInputTest {
    private ReactorHarness server = new ReactorHarness();
    private ReactorHarness.Client healthy = server.connect();

    @AfterEach
    void healthyClientIsServed() {
        assertThat(healthy.ask("PING")).isEqualTo("+PONG\r\n");
        server.close();
    }

    private void restart(NetworkOptions options, String... settings) {
        server.close();
        server = new ReactorHarness(options, List.of(settings));
        healthy = server.connect();
    }

    private void assertRefused(String sent, String error) {
        ReactorHarness.Client client = server.connect();
        client.sendRaw(sent);
        assertThat(client.turn()).as(sent).isEqualTo("-ERR Protocol error: " + error + "\r\n");
        assertThat(client.isClosed()).as(sent).isTrue();
    }

    @Test
    void lengthsThatCannotBeAreProtocolErrors() {
        assertRefused("*3000000000\r\n", "invalid multibulk length");
        assertRefused("*1048577\r\n", "invalid multibulk length");
        assertRefused("*1\r\n$-10\r\n", "invalid bulk length");
        assertRefused("*1\r\n$99999999999999999999\r\n", "invalid bulk length");
        assertRefused("*1\r\n$2000000000\r\n", "invalid bulk length");
        assertRefused("*2\r\n$3\r\nGET\r\n$5\r\nabc\r\nxx", "expected CRLF after a bulk of 5 bytes");
        assertRefused("*1\r\nPING\r\n", "expected '$', got 'P'");
        assertRefused("*1\r\n*1\r\n".repeat(100_000), "expected '$', got '*'");
        assertRefused("\0" + "x".repeat(1000), "unexpected byte 0x00 at the start of a request");
        assertRefused("\u0016\u0003\u0001\u0002\0\u0001", "unexpected byte 0x16 at the start of a request");
        assertRefused("GET \"unbalanced\r\n", "unbalanced quotes in request");
        assertRefused("x".repeat(70_000), "too big inline request");
    }

    @Test
    void aNegativeCountIsIgnoredAsRedisDoes() {
        ReactorHarness.Client client = server.connect();
        assertThat(client.sendRaw("*-10\r\n*0\r\n\r\nPING\r\n").turn()).isEqualTo("+PONG\r\n");
    }

    @Test
    void requestsBeforeTheErrorAreAnswered() {
        ReactorHarness.Client client = server.connect();
        client.sendRaw("PING\r\n*1\r\n$x\r\nPING\r\n");
        assertThat(client.turn()).isEqualTo("+PONG\r\n-ERR Protocol error: invalid bulk length\r\n");
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void browsersAreTurnedAwayWithoutAWord() {
        for (String request :
                List.of("POST / HTTP/1.1\r\nHost: x\r\n\r\nSET a b\r\n", "GET / HTTP/1.1\r\nHost: x\r\n")) {
            ReactorHarness.Client client = server.connect();
            client.sendRaw(request);
            assertThat(client.turn()).doesNotContain("OK").doesNotContain("HTTP");
            assertThat(client.isClosed()).isTrue();
        }
        assertThat(healthy.ask("EXISTS", "a")).isEqualTo(":0\r\n");
    }

    @Test
    void nothingIsAllocatedForWhatIsOnlyAnnounced() {
        List<ReactorHarness.Client> clients = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            ReactorHarness.Client client = server.connect();
            clients.add(client);
            client.sendRaw("*1048576\r\n$1000000\r\n").deliver();
        }
        server.turn();
        for (int round = 0; round < 10; round++) {
            clients.forEach(client -> client.sendRaw("x").deliver());
            server.turn();
        }
        assertThat(server.network.flows()).isEqualTo(1001);
        assertThat(server.network.bufferBytes()).isLessThan(1 << 20);
    }

    @Test
    void aRequestLargerThanTheQueryBufferEndsItsConnection() {
        restart(NetworkOptions.DEFAULTS.withFlowBytes(1 << 20, 1 << 20));
        ReactorHarness.Client greedy = server.connect();
        greedy.sendRaw("*1048576\r\n").deliver();
        String piece = "$10000\r\n" + "x".repeat(10_000) + "\r\n";
        for (int i = 0; i < 300 && !greedy.isClosed(); i++) {
            greedy.sendRaw(piece).deliver();
        }
        assertThat(greedy.isClosed()).isTrue();
        assertThat(server.network.bufferBytes()).isZero();
    }

    @Test
    void aClientThatReadsNothingIsClosedAtItsLimitAndItsMemoryComesBack() {
        restart(NetworkOptions.DEFAULTS.withFlowBytes(1 << 20, 1 << 20));
        ReactorHarness.Client deaf = server.connect();
        deaf.ask("SET", "k", "v".repeat(10_000));
        deaf.peer.window(0);
        for (int i = 0; i < 200 && !deaf.isClosed(); i++) {
            deaf.send("GET", "k").deliver();
        }
        assertThat(deaf.isClosed()).isTrue();
        assertThat(server.reactor.stats().outputLimits()).isEqualTo(1);
        assertThat(server.network.bufferBytes()).isZero();
    }

    @Test
    void aStrangerThatReadsNothingIsClosedSoon() {
        restart(NetworkOptions.DEFAULTS, "requirepass", "secret");
        healthy.ask("AUTH", "secret");
        ReactorHarness.Client stranger = server.connect();
        stranger.peer.window(0);
        for (int i = 0; i < 100 && !stranger.isClosed(); i++) {
            stranger.sendRaw("GET k\r\n".repeat(100)).deliver();
        }
        assertThat(stranger.isClosed()).isTrue();
    }

    @Test
    void strangersMayAnnounceLittle() {
        restart(NetworkOptions.DEFAULTS, "requirepass", "secret");
        healthy.ask("AUTH", "secret");
        assertRefused("*11\r\n", "unauthenticated multibulk length");
        assertRefused("*2\r\n$16385\r\n", "unauthenticated bulk length");
    }

    @Test
    void anUnknownCommandIsQuotedAndCutAndTheConnectionGoesOn() {
        ReactorHarness.Client client = server.connect();
        assertThat(client.ask("NOPE", "a", "b"))
                .isEqualTo("-ERR unknown command 'NOPE', with args beginning with: 'a' 'b' \r\n");
        assertThat(client.ask("x".repeat(10_000), "y".repeat(10_000)))
                .startsWith("-ERR")
                .hasSizeLessThan(400);
        assertThat(client.ask("NO\r\nPE"))
                .startsWith("-ERR unknown command 'NO  PE'")
                .endsWith("\r\n");
        assertThat(client.ask("GET")).isEqualTo("-ERR wrong number of arguments for 'get' command\r\n");
    }

    @Property(tries = 200)
    void whateverIsSentTheServerLivesAndBoundsItsMemory(@ForAll("garbage") String garbage, @ForAll long seed) {
        ReactorHarness fresh = new ReactorHarness();
        ReactorHarness.Client vandal = fresh.connect();
        ReactorHarness.Client good = fresh.connect();
        Random random = new Random(seed);
        byte[] bytes = garbage.getBytes(ISO_8859_1);
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(bytes.length - at, 1 + random.nextInt(60));
            vandal.peer.send(Arrays.copyOfRange(bytes, at, at + length));
            fresh.turn();
            at += length;
        }
        assertThat(good.ask("PING")).isEqualTo("+PONG\r\n");
        assertThat(fresh.network.bufferBytes()).isLessThan(1 << 16);
        fresh.close();
    }

    @Provide
    Arbitrary<String> garbage() {
        return Arbitraries.of(
                        "*1\r\n",
                        "*2\r\n",
                        "*3\r\n",
                        "*-1\r\n",
                        "$3\r\n",
                        "$0\r\n\r\n",
                        "$-1\r\n",
                        "\r\n",
                        "SET",
                        "GET",
                        "GET k\r\n",
                        "SET k v\r\n",
                        "\"",
                        "'",
                        "\\x0",
                        "\0",
                        "\u00ff",
                        "*",
                        "$",
                        "9",
                        "99999999999",
                        "*1\r\n$4\r\nPING\r\n",
                        "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n",
                        "HELLO 3\r\n",
                        "HELLO x y\r\n",
                        "CLIENT LIST\r\n",
                        "COMMAND\r\n",
                        "INFO\r\n",
                        "CONFIG GET *\r\n",
                        "DEBUG SLEEP nan\r\n",
                        "AUTH a b\r\n",
                        "SCAN 99999999999999999999\r\n",
                        "SETRANGE k 2147483647 x\r\n",
                        "INCRBY k 9223372036854775807\r\n",
                        "EXPIRE k 9223372036854775807\r\n",
                        "KEYS a*a*a*a*a*a*a*a*b\r\n",
                        "RESET\r\n")
                .list()
                .ofMaxSize(40)
                .map(parts -> String.join("", parts));
    }
}
