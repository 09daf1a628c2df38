package io.sietch.vnic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.net.EthernetFormat;
import io.sietch.net.Ipv4Format;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the control plane says of a VNIC holds, whatever its owner wants. The owners are in this process, for what they
 * share with the host is memory and a socket all the same; {@code VnicdTest} has them in others.
 */
@Timeout(60)
class VnicGrantTest {
    private static final int ONE = 0x0A530002;
    private static final int TWO = 0x0A530003;
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    private Path directory;

    private VnicHost host;
    private VnicGrant grant;
    private SharedVnic owner;
    private Vnic peer;
    private long now;

    @BeforeEach
    void open() throws IOException {
        host = VnicHost.open();
        grant = grant("one", ONE);
        owner = connect("one");
        peer = host.control().create("two", TWO, VnicOptions.DEFAULTS, now);
    }

    @AfterEach
    void close() throws IOException {
        owner.close();
        host.close();
    }

    private VnicGrant grant(String name, int address) throws IOException {
        return host.grant(name, directory.resolve(name), address, TWO, VnicOptions.DEFAULTS, null);
    }

    private void until(BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            if (host.poll(now) == 0) {
                host.await(1_000_000);
            }
        }
    }

    private SharedVnic connect(String name) {
        SharedVnic shared = Asking.ask(() -> SharedVnic.connect(directory.resolve(name)), this::until);
        until(() -> host.grants().stream()
                .anyMatch(each -> each.name().equals(name) && each.state() == VnicGrant.State.IN_USE));
        return shared;
    }

    /** Sends, and says how many of the frames have reached the other by then. */
    private int reach(Vnic from, Vnic to, byte[] frame, int count) {
        for (int i = 0; i < count; i++) {
            Frames.send(from, frame);
        }
        host.poll(now);
        return Frames.receive(to).size();
    }

    private byte[] toPeer() {
        return Frames.ip(peer.mac(), grant.mac(), ONE, TWO, Ipv4Format.UDP, 1000, 7, 60);
    }

    private byte[] toOwner() {
        return Frames.ip(grant.mac(), peer.mac(), TWO, ONE, Ipv4Format.UDP, 7, 1000, 60);
    }

    @Test
    void anOwnerSaysTrulyWhoItIsOrNothing() {
        assertThat(reach(owner.vnic(), peer, toPeer(), 3)).isEqualTo(3);
        assertThat(reach(
                        owner.vnic(),
                        peer,
                        Frames.ip(peer.mac(), peer.mac() + 5, ONE, TWO, Ipv4Format.UDP, 1, 7, 60),
                        1))
                .isZero();
        assertThat(reach(
                        owner.vnic(),
                        peer,
                        Frames.ip(peer.mac(), grant.mac(), ONE + 9, TWO, Ipv4Format.UDP, 1, 7, 60),
                        1))
                .isZero();
        assertThat(grant.counters().refused()).isEqualTo(2);
    }

    @Test
    void anOwnerThatWaitsForOtherThingsTooIsWokenAndNothingIsLeftOfThat() throws IOException {
        Wire wire = new SharedWire(owner, directory.resolve("one"));
        try (Selector selector = Selector.open()) {
            wire.readiness().register(selector, SelectionKey.OP_READ);
            assertThat(reach(peer, owner.vnic(), toOwner(), 1)).isEqualTo(1);
            assertThat(selector.selectNow()).isZero();

            wire.sleeps(true);
            Frames.send(peer, toOwner());
            host.poll(now);
            assertThat(selector.select(10_000)).isEqualTo(1);
            selector.selectedKeys().clear();
            wire.sleeps(false);
            wire.ready();
            assertThat(wire.hasArrived()).isTrue();
            assertThat(selector.selectNow()).isZero();
        }
    }

    @Test
    void filtersAreChangedWhileTheOwnerGoesOnSending() {
        FrameFilter own = FrameFilter.ALL.from(grant.mac()).source(ONE, 32).protocol(Ipv4Format.UDP);
        assertThat(reach(owner.vnic(), peer, toPeer(), 1)).isEqualTo(1);
        grant.transmit(List.of(own.destinationPorts(8, 8)));
        assertThat(reach(owner.vnic(), peer, toPeer(), 1)).isZero();
        grant.transmit(List.of(own.destinationPorts(7, 7)));
        assertThat(reach(owner.vnic(), peer, toPeer(), 1)).isEqualTo(1);

        assertThat(reach(peer, owner.vnic(), toOwner(), 1)).isEqualTo(1);
        grant.receive(List.of(FrameFilter.ALL.to(grant.mac()).type(EthernetFormat.ARP)));
        assertThat(reach(peer, owner.vnic(), toOwner(), 1)).isZero();
        grant.receive(NetworkControl.addressed(grant.mac()));
        assertThat(reach(peer, owner.vnic(), toOwner(), 1)).isEqualTo(1);
    }

    @Test
    void aRateIsKeptByAnOwnerThatSendsAllItCan() {
        grant.limit(new RateLimit(RateLimit.UNLIMITED, 1000, 0), now);
        int arrived = 0;
        for (int i = 0; i < 10_000; i++) {
            now += SECOND / 10_000;
            arrived += reach(owner.vnic(), peer, toPeer(), 1);
        }
        assertThat(arrived).isBetween(990, 1010);
        grant.limit(RateLimit.NONE, now);
        assertThat(reach(owner.vnic(), peer, toPeer(), 1)).isEqualTo(64);
    }

    @Test
    void whatIsRevokedCarriesNothingAndItsOwnerIsTold() throws IOException {
        Frames.send(owner.vnic(), toPeer());
        Frames.send(peer, toOwner());
        assertThat(owner.isRevoked()).isFalse();
        assertThat(maps()).contains("one.vnic0");
        grant.revoke();
        host.poll(now);
        assertThat(Frames.receive(peer)).isEmpty();
        assertThat(Frames.receive(owner.vnic())).isEmpty();
        assertThat(reach(owner.vnic(), peer, toPeer(), 5)).isZero();
        assertThat(owner.isRevoked()).isTrue();
        assertThat(owner.isOpen()).isFalse();
        owner.await(Long.MAX_VALUE, 0);
        assertThat(host.grants()).isEmpty();
        assertThat(grant.state()).isEqualTo(VnicGrant.State.REVOKED);
        // Nothing is left but what the owner holds, which goes with it.
        assertThat(Files.list(directory)).isEmpty();
        assertThat(maps().lines().filter(line -> line.contains("one.vnic0"))).hasSize(1);
        owner.close();
        assertThat(maps()).doesNotContain("one.vnic0");
        assertThat(owner.isRevoked()).isTrue();
    }

    private static String maps() throws IOException {
        Path maps = Path.of("/proc/self/maps");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(maps), "skipped: there is no " + maps);
        return Files.readString(maps);
    }

    @Test
    void anOwnerThatSleepsIsWokenByRevocation() {
        CompletableFuture<Void> sleeping = CompletableFuture.runAsync(() -> {
            try {
                owner.await(Long.MAX_VALUE, 0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        grant.revoke();
        until(sleeping::isDone);
        assertThat(owner.isRevoked()).isTrue();
    }

    @Test
    void whoServesFramesOnlySaysThatItTakesNoStreams() throws IOException {
        owner.close();
        until(() -> grant.state() == VnicGrant.State.FREE);
        try (VnicClient client = Asking.ask(() -> VnicClient.connect(directory.resolve("one")), this::until)) {
            assertThatThrownBy(() -> client.stream(6379, stream -> {}))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining(directory.resolve("one") + " takes frames only");
        }
    }

    @Test
    void anOwnerThatEndsLeavesTheVnicToTheNextAsItWasSet() throws IOException {
        grant.transmit(List.of());
        assertThatThrownBy(() -> connect("one"))
                .hasCauseInstanceOf(UncheckedIOException.class)
                .hasRootCauseInstanceOf(EOFException.class);
        owner.close();
        until(() -> grant.state() == VnicGrant.State.FREE);
        owner = connect("one");
        assertThat(owner.vnic().address()).isEqualTo(ONE);
        assertThat(owner.vnic().mac()).isEqualTo(grant.mac());
        assertThat(reach(owner.vnic(), peer, toPeer(), 1)).isZero();
        grant.transmit(NetworkControl.honest(grant.mac(), ONE));
        assertThat(reach(owner.vnic(), peer, toPeer(), 1)).isEqualTo(1);
    }
}
