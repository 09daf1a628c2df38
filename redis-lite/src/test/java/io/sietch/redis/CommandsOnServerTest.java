package io.sietch.redis;

import static io.sietch.redis.ReactorHarness.bulk;
import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vnic.NetworkOptions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** HELLO, AUTH, CLIENT, CONFIG, COMMAND, INFO and their like. */
class CommandsOnServerTest {
    private ReactorHarness server = new ReactorHarness();
    private ReactorHarness.Client client = server.connect();

    @AfterEach
    void close() {
        server.close();
    }

    private void restart(String... settings) {
        server.close();
        server = new ReactorHarness(NetworkOptions.DEFAULTS, List.of(settings));
        client = server.connect();
    }

    // ---- the handshake
    // --------------------------------------------------------------------------------------------------

    @Test
    void helloTellsWhoTheServerIsInTheProtocolAskedFor() {
        assertThat(client.ask("HELLO"))
                .startsWith("*14\r\n" + bulk("server") + bulk("redis") + bulk("version") + bulk("7.0.15")
                        + bulk("proto") + ":2\r\n")
                .endsWith(bulk("modules") + "*0\r\n");
        assertThat(client.ask("HELLO", "3", "SETNAME", "tester"))
                .startsWith("%7\r\n")
                .contains(bulk("proto") + ":3\r\n");
        assertThat(client.ask("GET", "none")).isEqualTo("_\r\n");
        assertThat(client.ask("CLIENT", "GETNAME")).isEqualTo(bulk("tester"));
        assertThat(client.ask("CONFIG", "GET", "save")).isEqualTo("%1\r\n" + bulk("save") + bulk(""));
        assertThat(client.ask("HELLO", "2")).startsWith("*14\r\n");
        assertThat(client.ask("GET", "none")).isEqualTo("$-1\r\n");
    }

    @Test
    void otherProtocolsAndOptionsAreRefused() {
        assertThat(client.ask("HELLO", "4")).isEqualTo("-NOPROTO unsupported protocol version\r\n");
        assertThat(client.ask("HELLO", "x")).isEqualTo("-ERR Protocol version is not an integer or out of range\r\n");
        assertThat(client.ask("HELLO", "3", "NONSENSE")).isEqualTo("-ERR Syntax error in HELLO option 'NONSENSE'\r\n");
        assertThat(client.ask("GET", "none")).isEqualTo("$-1\r\n");
    }

    @Test
    void withAPasswordNothingWorksBeforeIt() {
        restart("requirepass", "secret");
        assertThat(client.ask("GET", "k")).isEqualTo("-NOAUTH Authentication required.\r\n");
        assertThat(client.ask("NOPE")).isEqualTo("-NOAUTH Authentication required.\r\n");
        assertThat(client.ask("HELLO", "3")).startsWith("-NOAUTH HELLO must be called");
        assertThat(client.ask("AUTH", "wrong"))
                .isEqualTo("-WRONGPASS invalid username-password pair or user is disabled.\r\n");
        assertThat(client.ask("AUTH", "nobody", "secret")).startsWith("-WRONGPASS");
        assertThat(client.ask("AUTH", "secret")).isEqualTo("+OK\r\n");
        assertThat(client.ask("GET", "k")).isEqualTo("$-1\r\n");
        assertThat(client.ask("RESET")).isEqualTo("+RESET\r\n");
        assertThat(client.ask("GET", "k")).startsWith("-NOAUTH");
        assertThat(client.ask("HELLO", "3", "AUTH", "default", "secret", "SETNAME", "n"))
                .startsWith("%7\r\n");
        assertThat(client.ask("GET", "k")).isEqualTo("_\r\n");
    }

    @Test
    void withoutAPasswordAuthSaysSo() {
        assertThat(client.ask("AUTH", "x")).startsWith("-ERR AUTH <password> called without any password configured");
        assertThat(client.ask("AUTH", "default", "anything")).isEqualTo("+OK\r\n");
    }

    @Test
    void pingAndEchoAnswer() {
        assertThat(client.ask("ping")).isEqualTo("+PONG\r\n");
        assertThat(client.ask("PING", "hi")).isEqualTo(bulk("hi"));
        assertThat(client.ask("PING", "a", "b")).isEqualTo("-ERR wrong number of arguments for 'ping' command\r\n");
        assertThat(client.ask("ECHO", "\0\r\n")).isEqualTo(bulk("\0\r\n"));
        assertThat(client.ask("SELECT", "0")).isEqualTo("+OK\r\n");
        assertThat(client.ask("SELECT", "1")).isEqualTo("-ERR DB index is out of range\r\n");
    }

    // ---- CLIENT
    // -----------------------------------------------------------------------------------------------------------

    @Test
    void aConnectionHasANumberANameAndALibrary() {
        assertThat(client.ask("CLIENT", "ID")).isEqualTo(":1\r\n");
        assertThat(client.ask("CLIENT", "GETNAME")).isEqualTo("$-1\r\n");
        assertThat(client.ask("CLIENT", "SETNAME", "a b"))
                .isEqualTo("-ERR Client names cannot contain spaces, newlines or special characters.\r\n");
        assertThat(client.ask("CLIENT", "SETNAME", "me")).isEqualTo("+OK\r\n");
        assertThat(client.ask("CLIENT", "SETINFO", "LIB-NAME", "tool")).isEqualTo("+OK\r\n");
        assertThat(client.ask("CLIENT", "SETINFO", "lib-ver", "1.2")).isEqualTo("+OK\r\n");
        assertThat(client.ask("CLIENT", "SETINFO", "other", "1")).isEqualTo("-ERR Unrecognized option 'other'\r\n");
        assertThat(client.ask("CLIENT", "INFO"))
                .contains("id=1 ", "name=me", "lib-name=tool", "lib-ver=1.2", "cmd=client", "resp=2");
    }

    @Test
    void allConnectionsAreListed() {
        server.connect().ask("PING");
        assertThat(client.ask("CLIENT", "LIST")).contains("id=1 ", "id=2 ");
        assertThat(client.ask("CLIENT", "LIST", "ID", "2", "7"))
                .contains("id=2 ")
                .doesNotContain("id=1 ");
        assertThat(client.ask("CLIENT", "LIST", "TYPE", "normal")).contains("id=1 ");
        assertThat(client.ask("CLIENT", "LIST", "NONSENSE")).isEqualTo("-ERR syntax error\r\n");
        assertThat(client.ask("CLIENT", "NONSENSE"))
                .isEqualTo("-ERR unknown subcommand 'NONSENSE'. Try CLIENT HELP.\r\n");
        assertThat(client.ask("CLIENT", "SETNAME"))
                .isEqualTo("-ERR wrong number of arguments for 'client|setname' command\r\n");
        assertThat(client.ask("CLIENT", "NO-EVICT", "ON")).isEqualTo("+OK\r\n");
        assertThat(client.ask("CLIENT", "HELP")).startsWith("*");
    }

    // ---- CONFIG
    // -----------------------------------------------------------------------------------------------------------

    @Test
    void configurationIsReadByPattern() {
        assertThat(client.ask("CONFIG", "GET", "appendonly")).isEqualTo("*2\r\n" + bulk("appendonly") + bulk("yes"));
        assertThat(client.ask("CONFIG", "GET", "MAXMEM*")).contains("maxmemory\r\n", "maxmemory-policy", "noeviction");
        assertThat(client.ask("CONFIG", "GET", "save", "port")).startsWith("*4\r\n");
        assertThat(client.ask("CONFIG", "GET", "nothing")).isEqualTo("*0\r\n");
    }

    @Test
    void configurationIsChangedWhereItCanBe() {
        assertThat(client.ask("CONFIG", "SET", "appendfsync", "everysec")).isEqualTo("+OK\r\n");
        assertThat(client.ask("CONFIG", "GET", "appendfsync")).contains("everysec");
        assertThat(client.ask("CONFIG", "SET", "appendfsync", "sometimes"))
                .startsWith("-ERR CONFIG SET failed (possibly related to argument 'appendfsync')");
        assertThat(client.ask("CONFIG", "SET", "port", "1"))
                .isEqualTo("-ERR CONFIG SET failed (possibly related to argument 'port') - can't set immutable"
                        + " config\r\n");
        assertThat(client.ask("CONFIG", "SET", "nonsense", "1"))
                .isEqualTo("-ERR Unknown option or number of arguments for CONFIG SET - 'nonsense'\r\n");
        assertThat(client.ask("CONFIG", "SET", "save", "")).isEqualTo("+OK\r\n");
        assertThat(client.ask("CONFIG", "SET", "save", "60 1")).startsWith("-ERR CONFIG SET failed");
        assertThat(client.ask("CONFIG", "SET", "timeout", "5", "requirepass", "pw"))
                .isEqualTo("+OK\r\n");
        assertThat(client.ask("CONFIG", "RESETSTAT")).isEqualTo("+OK\r\n");
    }

    // ---- COMMAND, INFO
    // ------------------------------------------------------------------------------------------------------

    @Test
    void everyCommandIsDescribedInTheFormOfRedis() {
        String count = client.ask("COMMAND", "COUNT");
        assertThat(count).matches(":\\d+\r\n");
        assertThat(client.ask("COMMAND")).startsWith("*" + count.strip().substring(1) + "\r\n*10\r\n");
        assertThat(client.ask("COMMAND", "LIST")).startsWith("*" + count.strip().substring(1) + "\r\n");
        assertThat(client.ask("COMMAND", "INFO", "get", "nonsense"))
                .startsWith("*2\r\n*10\r\n" + bulk("get") + ":2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n")
                .endsWith("*-1\r\n");
        assertThat(client.ask("COMMAND", "DOCS", "set"))
                .startsWith("*2\r\n" + bulk("set") + "*8\r\n" + bulk("summary"));
        assertThat(client.ask("COMMAND", "DOCS")).startsWith("*");
        assertThat(client.ask("COMMAND", "GETKEYS", "MSET", "a", "1", "b", "2"))
                .isEqualTo("*2\r\n" + bulk("a") + bulk("b"));
        assertThat(client.ask("COMMAND", "NONSENSE")).startsWith("-ERR unknown subcommand 'NONSENSE'");
    }

    @Test
    void informationComesInSections() {
        assertThat(client.ask("INFO")).contains("# Server\r\n", "redis_version:7.", "# Clients\r\n");
        assertThat(client.ask("INFO", "clients"))
                .contains("connected_clients:1")
                .doesNotContain("redis_version");
        assertThat(client.ask("INFO", "nothing")).isEqualTo("$0\r\n\r\n");
    }

    @Test
    void debugSleepChecksItsArgument() {
        assertThat(client.ask("DEBUG", "SLEEP", "x")).isEqualTo("-ERR value is not a valid float\r\n");
        assertThat(client.ask("DEBUG", "SLEEP", "0")).isEqualTo("+OK\r\n");
        assertThat(client.ask("DEBUG", "NONSENSE")).startsWith("-ERR unknown subcommand 'NONSENSE'. Try DEBUG HELP.");
        assertThat(client.ask("SHUTDOWN", "NONSENSE")).isEqualTo("-ERR syntax error\r\n");
        assertThat(client.ask("WAIT", "0", "10")).isEqualTo(":0\r\n");
        assertThat(client.ask("ROLE")).startsWith("*3\r\n" + bulk("master"));
        assertThat(client.ask("TIME")).startsWith("*2\r\n" + bulk("1700000000"));
    }
}
