package io.sietch.redis;

import static io.sietch.redis.ReactorHarness.bulk;
import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vnic.NetworkOptions;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterTry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Order of replies, and what they wait for. */
class ReactorTest {
    private static final String FAILED = "-MISCONF the test refuses with -3\r\n";

    private ReactorHarness server = new ReactorHarness();

    @AfterEach
    @AfterTry
    void close() {
        server.close();
    }

    // ---- waiting for the log
    // -------------------------------------------------------------------------------------------

    @Test
    void aWriteIsAcknowledgedWhenItIsDurableAndNotBefore() {
        server.durableAtOnce = false;
        ReactorHarness.Client client = server.connect();
        assertThat(client.ask("SET", "k", "v")).isEmpty();
        assertThat(server.commits).isEqualTo(1);
        assertThat(client.turn()).isEmpty();
        server.journal.makeDurable();
        assertThat(client.turn()).isEqualTo("+OK\r\n");
    }

    @Test
    void aReadWaitsForTheWriteItSawEvenOnAnotherConnection() {
        server.durableAtOnce = false;
        ReactorHarness.Client writer = server.connect();
        ReactorHarness.Client reader = server.connect();
        ReactorHarness.Client other = server.connect();
        writer.ask("SET", "k", "v");
        assertThat(reader.ask("GET", "k")).isEmpty();
        assertThat(other.ask("PING")).isEqualTo("+PONG\r\n");
        server.journal.makeDurable();
        assertThat(reader.turn()).isEqualTo(bulk("v"));
    }

    /**
     * A flush in the loop costs nobody anything but those who wait for it; a reader would have to wait without need.
     */
    @Test
    void whoNeedNotWaitIsAnsweredBeforeTheLogMovesOn() {
        ReactorHarness.Client reader = server.connect();
        StringBuilder answered = new StringBuilder();
        server.onLogPoll = () -> answered.append(reader.peer.takeText()).append('|');
        reader.send("PING").deliver();
        server.turn();
        assertThat(answered).startsWith("+PONG\r\n|");
    }

    @Test
    void theLoopFlushesItselfOnlyWhileThereIsNobodyElseToServe() {
        ReactorHarness.Client writer = server.connect();
        ReactorHarness.Client reader = server.connect();
        writer.ask("SET", "k", "1");
        assertThat(server.flushedHere).isTrue();
        reader.ask("GET", "k");
        writer.ask("SET", "k", "2");
        assertThat(server.flushedHere).as("beside a reader").isFalse();
        writer.ask("SET", "k", "3");
        assertThat(server.flushedHere).as("alone again").isTrue();
    }

    @Test
    void aSlowMediumIsNeverFlushedInTheLoop() {
        server.durableAtOnce = false;
        ReactorHarness.Client writer = server.connect();
        writer.ask("SET", "k", "1");
        server.now += 10_000_000;
        server.journal.makeDurable();
        assertThat(writer.turn()).isEqualTo("+OK\r\n");
        server.now += 10_000_000;
        writer.ask("SET", "k", "2");
        assertThat(server.flushedHere).isFalse();
    }

    @Test
    void whatCleaningAppendsGoesWithTheNextCommit() {
        ReactorHarness.Client client = server.connect();
        client.ask("SET", "k", "1");
        appendAgain();
        server.turn();
        server.turn();
        assertThat(server.commits).as("nobody waits for it").isEqualTo(1);
        assertThat(client.ask("SET", "k", "2")).isEqualTo("+OK\r\n");
        assertThat(server.commits).isEqualTo(2);
        assertThat(server.journal.durable()).isEqualTo(server.journal.appended());
    }

    @Test
    void whatNobodyTakesAlongIsCommittedAfterAWhile() {
        server.connect().ask("SET", "k", "1");
        appendAgain();
        for (int i = 0; i < 4; i++) {
            server.now += 100_000_000;
            server.turn();
        }
        assertThat(server.commits).isEqualTo(2);
        assertThat(server.journal.durable()).isEqualTo(server.journal.appended());
    }

    @Test
    void whoSawWhatCleaningHasAppendedNeedNotWaitLong() {
        server.table.register(
                CommandSpec.keyless("look", 1, "", "test", "Sees the end of the log", (request, reply, client) -> {
                    reply.ok();
                    return server.journal.appended();
                }));
        ReactorHarness.Client client = server.connect();
        appendAgain();
        assertThat(client.ask("LOOK")).isEqualTo("+OK\r\n");
        assertThat(server.commits).isEqualTo(1);
    }

    private void appendAgain() {
        assertThat(server.journal.claimAgain(100)).isPositive();
        server.journal.publish();
    }

    @Test
    void repliesBehindOneThatWaitsKeepTheirOrder() {
        server.durableAtOnce = false;
        ReactorHarness.Client client = server.connect();
        assertThat(client.send("PING").send("SET", "k", "v").turn()).isEqualTo("+PONG\r\n");
        assertThat(client.send("PING").send("GET", "k").send("ECHO", "x").turn())
                .isEmpty();
        server.journal.makeDurable();
        assertThat(client.turn()).isEqualTo("+OK\r\n+PONG\r\n" + bulk("v") + bulk("x"));
    }

    @Test
    void manyClientsAreAnsweredWhileOthersAreYetToBeServed() {
        List<ReactorHarness.Client> clients = connectNine();
        List<String> seen = seenByLook(clients);
        for (int i = 0; i < 8; i++) {
            clients.get(i).sendRaw("PING\r\n").deliver();
        }
        clients.get(8).sendRaw("LOOK\r\n").deliver();
        server.turn();
        assertThat(seen).filteredOn("+PONG\r\n"::equals).hasSize(8);
        assertThat(clients.get(8).peer.takeText()).isEqualTo("+OK\r\n");
    }

    @Test
    void onAQuickMediumWritersAreAnsweredWhileOthersAreYetToBeServed() {
        assertThat(writersAnsweredBeforeTheTurnEnds(4_000)).isEqualTo(8);
        assertThat(server.flushedHere).isTrue();
        assertThat(server.commits).isEqualTo(4 + 1);
    }

    @Test
    void onAnotherMediumTheWritersOfATurnShareOneCommit() {
        assertThat(writersAnsweredBeforeTheTurnEnds(100_000)).isZero();
        assertThat(server.commits).isEqualTo(4 + 1);
    }

    private List<ReactorHarness.Client> connectNine() {
        List<ReactorHarness.Client> clients = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            clients.add(server.connect());
        }
        return clients;
    }

    /** What these have got when one of them asks LOOK. */
    private List<String> seenByLook(List<ReactorHarness.Client> clients) {
        List<String> seen = new ArrayList<>();
        server.table.register(CommandSpec.keyless(
                "look", 1, "", "test", "What the others have got", (request, reply, client) -> {
                    clients.forEach(each -> seen.add(each.peer.takeText()));
                    reply.ok();
                    return 0;
                }));
        return seen;
    }

    /** Of eight, each with so many requests that together they are worth a commit, before a ninth is served. */
    private long writersAnsweredBeforeTheTurnEnds(long flushNanos) {
        server.flushNanos = flushNanos;
        List<ReactorHarness.Client> clients = connectNine();
        List<String> seen = seenByLook(clients);
        for (int i = 0; i < 4; i++) {
            clients.getFirst().ask("SET", "k", "v");
        }
        for (int i = 0; i < 8; i++) {
            clients.get(i).sendRaw("SET k v\r\n".repeat(16)).deliver();
        }
        clients.get(8).sendRaw("LOOK\r\n").deliver();
        server.turn();
        return seen.stream().filter("+OK\r\n".repeat(16)::equals).count();
    }

    @Test
    void requestsOfOneTurnShareOneCommit() {
        ReactorHarness.Client one = server.connect();
        ReactorHarness.Client two = server.connect();
        one.sendRaw("SET a 1\r\nSET b 2\r\n").deliver();
        two.sendRaw("SET c 3\r\n").deliver();
        server.turn();
        assertThat(server.commits).isEqualTo(1);
        assertThat(one.peer.takeText() + two.peer.takeText()).isEqualTo("+OK\r\n".repeat(3));
    }

    @Test
    void whatIsExecutedWhileACommitIsUnderWayGoesIntoTheNext() {
        server.durableAtOnce = false;
        ReactorHarness.Client one = server.connect();
        ReactorHarness.Client two = server.connect();
        one.ask("SET", "a", "1");
        two.ask("SET", "b", "2");
        assertThat(server.commits).isEqualTo(1);
        server.journal.makeDurable();
        server.turn();
        assertThat(server.commits).isEqualTo(2);
    }

    @Test
    void onASlowMediumTheNextCommitWaitsForTheClientsThatWereJustAnswered() {
        server.durableAtOnce = false;
        ReactorHarness.Client one = server.connect();
        ReactorHarness.Client two = server.connect();
        ReactorHarness.Client three = server.connect();
        one.send("SET", "a", "1").deliver();
        two.ask("SET", "b", "1");
        server.now += 32_000_000;
        server.journal.makeDurable();
        assertThat(three.ask("SET", "c", "1")).isEmpty();
        assertThat(one.peer.takeText() + two.peer.takeText()).isEqualTo("+OK\r\n".repeat(2));
        assertThat(one.ask("SET", "a", "2")).isEmpty();
        assertThat(server.commits).isEqualTo(1);
        assertThat(two.ask("SET", "b", "2")).isEmpty();
        assertThat(server.commits).isEqualTo(2);
        server.now += 32_000_000;
        server.journal.makeDurable();
        server.turn();
        assertThat(one.peer.takeText()).isEqualTo("+OK\r\n");
        assertThat(one.ask("SET", "a", "3")).isEmpty();
        assertThat(server.commits).isEqualTo(2);
        server.now += 2_000_000;
        server.turn();
        assertThat(server.commits).isEqualTo(3);
    }

    @Test
    void withEverysecTheReplyDoesNotWaitAndTheCommitComesWithinASecond() {
        server.close();
        server = new ReactorHarness(NetworkOptions.DEFAULTS, List.of("appendfsync", "everysec"));
        server.durableAtOnce = false;
        ReactorHarness.Client client = server.connect();
        assertThat(client.ask("SET", "k", "v")).isEqualTo("+OK\r\n");
        assertThat(server.submits).isEqualTo(1);
        assertThat(server.commits).isZero();
        server.now += 1_000_000_000;
        server.turn();
        assertThat(server.commits).isEqualTo(1);
        server.now += 5_000_000_000L;
        server.turn();
        assertThat(server.commits).isEqualTo(1);
    }

    @Test
    void withNoTheLogIsWrittenAndNeverAskedToBeDurable() {
        server.close();
        server = new ReactorHarness(NetworkOptions.DEFAULTS, List.of("appendfsync", "no"));
        ReactorHarness.Client client = server.connect();
        assertThat(client.ask("SET", "k", "v")).isEqualTo("+OK\r\n");
        server.now += 10_000_000_000L;
        server.turn();
        assertThat(server.submits).isEqualTo(1);
        assertThat(server.commits).isZero();
    }

    @Test
    void theModeCanBeChangedWhileClientsWait() {
        server.durableAtOnce = false;
        ReactorHarness.Client client = server.connect();
        client.ask("SET", "k", "v");
        assertThat(server.connect().ask("CONFIG", "SET", "appendfsync", "everysec"))
                .isEqualTo("+OK\r\n");
        assertThat(client.turn()).isEmpty();
        server.journal.makeDurable();
        assertThat(client.turn()).isEqualTo("+OK\r\n");
    }

    // ---- when the log fails, is full, or is busy
    // -------------------------------------------------------------------------

    @Test
    void afterAFailureWhatWaitsBecomesAnErrorAndWhatIsDurableCanBeRead() {
        ReactorHarness.Client client = server.connect();
        client.ask("SET", "old", "1");
        server.durableAtOnce = false;
        ReactorHarness.Client reader = server.connect();
        assertThat(client.send("PING")
                        .send("SET", "new", "2")
                        .send("GET", "old")
                        .turn())
                .isEqualTo("+PONG\r\n");
        assertThat(reader.send("GET", "new").turn()).isEmpty();
        server.journal.refuse(Journal.FAILED);
        assertThat(client.turn()).isEqualTo(FAILED + FAILED);
        assertThat(reader.peer.takeText()).isEqualTo(FAILED);
        assertThat(client.ask("GET", "old")).isEqualTo(bulk("1"));
        assertThat(client.ask("GET", "new")).isEqualTo(FAILED);
        assertThat(client.ask("SET", "other", "3")).isEqualTo(FAILED);
    }

    @Test
    void repliesReplacedByErrorsAreAsManyAsBefore() {
        server.durableAtOnce = false;
        ReactorHarness.Client client = server.connect();
        for (int i = 0; i < 5; i++) {
            client.send("SET", "k" + i, "v");
            client.send("GET", "k" + i);
            assertThat(client.turn()).isEmpty();
        }
        server.journal.refuse(Journal.FAILED);
        assertThat(client.turn()).isEqualTo(FAILED.repeat(10));
    }

    @Test
    void aFullLogRefusesWritesAndTakesThemAgainWhenThereIsRoom() {
        ReactorHarness.Client client = server.connect();
        client.ask("SET", "k", "v");
        server.journal.refuse(Journal.NO_SPACE);
        assertThat(client.ask("SET", "k", "w")).startsWith("-MISCONF");
        assertThat(client.ask("GET", "k")).isEqualTo(bulk("v"));
        server.journal.refuse(0);
        assertThat(client.ask("SET", "k", "w")).isEqualTo("+OK\r\n");
        assertThat(client.ask("GET", "k")).isEqualTo(bulk("w"));
    }

    @Test
    void aBusyLogDelaysItsWriterAndNobodyElse() {
        ReactorHarness.Client writer = server.connect();
        ReactorHarness.Client reader = server.connect();
        writer.ask("SET", "k", "v");
        server.journal.refuse(Journal.BUSY);
        assertThat(writer.send("SET", "k", "w").send("GET", "k").turn()).isEmpty();
        writer.send("PING");
        assertThat(writer.turn()).isEmpty();
        assertThat(reader.ask("GET", "k")).isEqualTo(bulk("v"));
        server.journal.refuse(0);
        assertThat(writer.turn()).isEqualTo("+OK\r\n" + bulk("w") + "+PONG\r\n");
    }

    // ---- connections
    // ---------------------------------------------------------------------------------------------------

    @Test
    void aClientThatEndsItsSideStillGetsItsAcknowledgement() {
        server.durableAtOnce = false;
        ReactorHarness.Client client = server.connect();
        client.send("SET", "k", "v").deliver().peer.end();
        server.turn();
        server.turn();
        assertThat(client.peer.isClosed()).isFalse();
        server.journal.makeDurable();
        assertThat(client.turn()).isEqualTo("+OK\r\n");
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void quitIsAnsweredAfterWhatWasAskedBefore() {
        server.durableAtOnce = false;
        ReactorHarness.Client client = server.connect();
        assertThat(client.send("SET", "k", "v").send("QUIT").send("PING").turn())
                .isEmpty();
        server.journal.makeDurable();
        assertThat(client.turn()).isEqualTo("+OK\r\n+OK\r\n");
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void aClientThatGoesAwayWhileItWaitsHarmsNobody() {
        server.durableAtOnce = false;
        ReactorHarness.Client gone = server.connect();
        ReactorHarness.Client stays = server.connect();
        gone.ask("SET", "k", "v");
        stays.ask("SET", "l", "w");
        gone.peer.reset();
        server.turn();
        server.journal.makeDurable();
        assertThat(stays.turn()).isEqualTo("+OK\r\n");
        assertThat(server.reactor.clients()).isEqualTo(1);
    }

    @Test
    void clientsBeyondTheLimitAreToldSo() {
        server.close();
        server = new ReactorHarness(NetworkOptions.DEFAULTS, List.of("maxclients", "1"));
        ReactorHarness.Client first = server.connect();
        ReactorHarness.Client second = server.connect();
        assertThat(second.turn()).isEqualTo("-ERR max number of clients reached\r\n");
        assertThat(second.isClosed()).isTrue();
        assertThat(first.ask("PING")).isEqualTo("+PONG\r\n");
    }

    @Test
    void aSleepingClientDoesNotHoldUpOthers() {
        ReactorHarness.Client sleeper = server.connect();
        assertThat(sleeper.send("DEBUG", "SLEEP", "1.5").send("PING").turn()).isEmpty();
        assertThat(server.connect().ask("PING")).isEqualTo("+PONG\r\n");
        server.now += 1_400_000_000;
        assertThat(sleeper.turn()).isEmpty();
        server.now += 200_000_000;
        assertThat(sleeper.turn()).isEqualTo("+OK\r\n+PONG\r\n");
    }

    @Test
    void idleClientsAreClosedWhenAskedForAndWaitingOnesAreNot() {
        server.close();
        server = new ReactorHarness(NetworkOptions.DEFAULTS, List.of("timeout", "10"));
        ReactorHarness.Client idle = server.connect();
        idle.ask("PING");
        ticks(12);
        assertThat(idle.isClosed()).isTrue();
    }

    @Test
    void aRequestThatNeverEndsIsGivenUp() {
        ReactorHarness.Client slow = server.connect();
        ReactorHarness.Client quiet = server.connect();
        quiet.ask("PING");
        slow.sendRaw("*1048576\r\n$536870\r\n");
        for (int i = 0; i < 70; i++) {
            slow.sendRaw("x").deliver();
            ticks(1);
        }
        assertThat(slow.isClosed()).isTrue();
        assertThat(quiet.ask("PING")).isEqualTo("+PONG\r\n");
    }

    private void ticks(int seconds) {
        for (int i = 0; i < 10 * seconds; i++) {
            server.now += 100_000_000;
            server.turn();
        }
    }

    @Test
    void aLongPipelineIsServedInTurns() {
        ReactorHarness.Client client = server.connect();
        client.sendRaw("PING\r\n".repeat(10_000));
        StringBuilder replies = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            replies.append(client.turn());
        }
        assertThat(replies.toString()).isEqualTo("+PONG\r\n".repeat(10_000));
    }

    @Test
    void shutdownIsPassedOnAndNotAnswered() {
        ReactorHarness.Client client = server.connect();
        assertThat(client.ask("SHUTDOWN", "NOSAVE")).isEmpty();
        assertThat(server.shutdownAsked).isTrue();
    }

    @Test
    void drainingExecutesNothingMoreAndAnswersWhatWasExecuted() {
        server.durableAtOnce = false;
        ReactorHarness.Client client = server.connect();
        client.ask("SET", "k", "v");
        server.reactor.drain();
        assertThat(client.ask("SET", "k", "w")).isEmpty();
        assertThat(server.reactor.isDrained()).isFalse();
        server.journal.makeDurable();
        assertThat(client.turn()).isEqualTo("+OK\r\n");
        assertThat(server.reactor.isDrained()).isTrue();
    }

    @Property(tries = 100)
    void howeverAStreamIsCutEveryRequestGetsItsReplyInOrder(@ForAll long seed) {
        ReactorHarness fresh = new ReactorHarness();
        Random random = new Random(seed);
        fresh.durableAtOnce = false;
        ReactorHarness.Client client = fresh.connect();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        StringBuilder expected = new StringBuilder();
        boolean first = true;
        for (int i = 0; i < 60; i++) {
            switch (random.nextInt(3)) {
                case 0 -> {
                    stream.writeBytes(Wire.request("SET", "k", "v" + i));
                    expected.append("+OK\r\n");
                }
                case 1 -> {
                    stream.writeBytes(Wire.request("ECHO", "e" + i));
                    expected.append(bulk("e" + i));
                }
                default -> {
                    stream.writeBytes(Wire.request("SET", "x", "y", "GET"));
                    expected.append(first ? "$-1\r\n" : bulk("y"));
                    first = false;
                }
            }
        }
        StringBuilder got = new StringBuilder();
        byte[] bytes = stream.toByteArray();
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(bytes.length - at, 1 + random.nextInt(100));
            client.peer.send(Arrays.copyOfRange(bytes, at, at + length));
            at += length;
            if (random.nextInt(3) == 0) {
                fresh.journal.makeDurable();
            }
            fresh.journal.refuse(random.nextInt(5) == 0 ? Journal.BUSY : 0);
            got.append(client.turn());
            assertThat(expected.toString()).startsWith(got.toString());
        }
        fresh.journal.refuse(0);
        for (int i = 0; i < bytes.length && got.length() < expected.length(); i++) {
            fresh.journal.makeDurable();
            got.append(client.turn());
        }
        assertThat(got.toString()).isEqualTo(expected.toString());
        fresh.close();
    }
}
