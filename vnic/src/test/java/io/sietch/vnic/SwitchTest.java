package io.sietch.vnic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.sietch.net.EthernetFormat;
import io.sietch.net.InternetChecksum;
import io.sietch.net.Ipv4Format;
import io.sietch.net.NetBytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What the device lets through, and what it does on purpose. */
class SwitchTest {
    private static final long SECOND = 1_000_000_000L;

    private final Switch device = new Switch();
    private final NetworkControl control = new NetworkControl(device);
    private final Vnic alice = control.create("alice", Frames.IP1, VnicOptions.DEFAULTS, 0);
    private final Vnic bob = control.create("bob", Frames.IP2, VnicOptions.DEFAULTS, 0);
    private final Vnic carol = control.create("carol", Frames.IP3, VnicOptions.DEFAULTS, 0);

    private void aliceSends(byte[] frame) {
        assertThat(Frames.send(alice, frame)).isTrue();
        device.poll(0);
    }

    @Test
    void aFrameReachesWhomItIsSentToAndNobodyElse() {
        byte[] frame = Frames.udp(alice, bob, 100);
        aliceSends(frame);
        assertThat(Frames.receive(bob)).containsExactly(Frames.hex(frame));
        assertThat(Frames.receive(carol)).isEmpty();
        assertThat(Frames.receive(alice)).isEmpty();
        assertThat(control.counters(alice).sent()).isEqualTo(1);
        assertThat(control.counters(alice).sentBytes()).isEqualTo(100);
        assertThat(control.counters(bob).receivedBytes()).isEqualTo(100);
    }

    @Test
    void aBroadcastReachesEverybodyElse() {
        byte[] frame = Frames.arp(alice.mac(), alice.mac(), Frames.IP1, Frames.IP3);
        aliceSends(frame);
        assertThat(Frames.receive(bob)).containsExactly(Frames.hex(frame));
        assertThat(Frames.receive(carol)).containsExactly(Frames.hex(frame));
        assertThat(Frames.receive(alice)).isEmpty();
    }

    @Test
    void nobodyCanSayToBeSomebodyElse() {
        int udp = Ipv4Format.UDP;
        aliceSends(Frames.ip(bob.mac(), carol.mac(), Frames.IP1, Frames.IP2, udp, 1, 2, 60));
        aliceSends(Frames.ip(bob.mac(), alice.mac(), Frames.IP3, Frames.IP2, udp, 1, 2, 60));
        aliceSends(Frames.arp(alice.mac(), carol.mac(), Frames.IP1, Frames.IP2));
        aliceSends(Frames.arp(alice.mac(), alice.mac(), Frames.IP3, Frames.IP2));
        byte[] other = new byte[60];
        EthernetFormat.write(MemorySegment.ofArray(other), 0, bob.mac(), alice.mac(), 0x86DD);
        aliceSends(other);
        assertThat(control.counters(alice).refused()).isEqualTo(5);
        assertThat(Frames.receive(bob)).isEmpty();
        assertThat(Frames.receive(carol)).isEmpty();
    }

    @Test
    void transmitFiltersBoundThePortsToo() {
        FrameFilter web =
                FrameFilter.ALL.from(alice.mac()).source(Frames.IP1, 32).protocol(Ipv4Format.TCP);
        control.transmit(alice, List.of(web.sourcePorts(80, 80)));
        aliceSends(Frames.ip(bob.mac(), alice.mac(), Frames.IP1, Frames.IP2, Ipv4Format.TCP, 80, 5, 60));
        aliceSends(Frames.ip(bob.mac(), alice.mac(), Frames.IP1, Frames.IP2, Ipv4Format.TCP, 81, 5, 60));
        assertThat(Frames.receive(bob)).hasSize(1);
        assertThat(control.counters(alice).refused()).isEqualTo(1);
    }

    @Test
    void aMoreSpecificReceiveFilterTakesItsFramesAwayFromTheOwnerOfTheAddress() {
        FrameFilter steered =
                FrameFilter.ALL.to(bob.mac()).protocol(Ipv4Format.TCP).destinationPorts(7000, 7000);
        control.receive(carol, List.of(FrameFilter.ALL.to(carol.mac()), steered));
        aliceSends(Frames.ip(bob.mac(), alice.mac(), Frames.IP1, Frames.IP2, Ipv4Format.TCP, 1, 7000, 60));
        aliceSends(Frames.ip(bob.mac(), alice.mac(), Frames.IP1, Frames.IP2, Ipv4Format.TCP, 1, 7001, 60));
        assertThat(Frames.receive(carol)).hasSize(1);
        assertThat(Frames.receive(bob)).hasSize(1);
        control.receive(carol, List.of(FrameFilter.ALL.to(carol.mac())));
        aliceSends(Frames.ip(bob.mac(), alice.mac(), Frames.IP1, Frames.IP2, Ipv4Format.TCP, 1, 7000, 60));
        assertThat(Frames.receive(carol)).isEmpty();
        assertThat(Frames.receive(bob)).hasSize(1);
    }

    @Test
    void whatNobodyWantsIsCounted() {
        aliceSends(Frames.ip(0x0299_0000_0001L, alice.mac(), Frames.IP1, Frames.IP2, 17, 1, 2, 60));
        control.receive(bob, List.of());
        aliceSends(Frames.udp(alice, bob, 60));
        assertThat(control.counters(alice).unroutable()).isEqualTo(2);
        assertThat(Frames.receive(bob)).isEmpty();
    }

    @Test
    void aDetachedVnicNeitherSendsNorReceives() {
        Frames.send(bob, Frames.udp(bob, alice, 60));
        control.detach(bob);
        aliceSends(Frames.udp(alice, bob, 60));
        assertThat(Frames.receive(alice)).isEmpty();
        assertThat(Frames.receive(bob)).isEmpty();
        assertThat(control.counters(alice).unroutable()).isEqualTo(1);
        assertThatThrownBy(() -> control.counters(bob)).hasMessage("VNIC bob is not attached");
        assertThat(control.vnics()).containsExactly(alice, carol);
    }

    @Test
    void aDescriptorThatPointsElsewhereMovesNothing() {
        DescriptorProducer ring = new DescriptorProducer(alice.memory(), VnicFormat.TRANSMIT, 512);
        long start = VnicFormat.buffersAt(512);
        long end = VnicFormat.totalBytes(512, 2048);
        long[] places = {
            VnicFormat.place(0, 64),
            VnicFormat.place(start - 1, 64),
            VnicFormat.place(end - 63, 64),
            VnicFormat.place(0xFFFF_FFFFL, 64),
            VnicFormat.place(start, 13),
            VnicFormat.place(start, 2049),
            VnicFormat.place(start, -1),
            VnicFormat.place(start, Integer.MIN_VALUE)
        };
        for (long place : places) {
            ring.put(place, 0);
        }
        ring.put(VnicFormat.place(start, 64), VnicFormat.meta(VnicFormat.NEEDS_CHECKSUM, 13, 40));
        ring.put(VnicFormat.place(start, 64), VnicFormat.meta(VnicFormat.NEEDS_CHECKSUM, 34, 63));
        device.poll(0);
        assertThat(control.counters(alice).malformed()).isEqualTo(10);
        assertThat(control.counters(alice).sent()).isEqualTo(10);
    }

    @Test
    void aPostedBufferThatIsNoneIsNotWrittenTo() {
        Vnic evil = control.create("evil", Frames.IP3 + 1, VnicOptions.DEFAULTS, 0);
        evil.memory().set(ValueLayout.JAVA_LONG, VnicFormat.ringAt(VnicFormat.FILL, 512) + 128, 8);
        aliceSends(Frames.udp(alice, evil, 60));
        assertThat(Frames.receive(evil)).isEmpty();
        assertThat(control.counters(evil).malformed()).isEqualTo(1);
        assertThat(VnicFormat.complaint(evil.memory())).isNull();
    }

    @Test
    void aHeaderThatChangesAfterItWasCheckedIsDeliveredAsItWasChecked() {
        byte[] frame = Frames.udp(alice, bob, 100);
        device.tap((number, memory, offset, length) -> {
            EthernetFormat.write(memory, offset, carol.mac(), carol.mac(), 0x1234);
            NetBytes.put32(memory, offset + 26, Frames.IP3);
            return true;
        });
        aliceSends(frame);
        assertThat(Frames.receive(bob)).containsExactly(Frames.hex(frame));
    }

    @Test
    void aFrameWithoutChecksumIsVouchedForInMemoryAndCompletedWhereItCouldBeDamaged() {
        List<Boolean> vouched = new ArrayList<>();
        List<Integer> sums = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            if (i == 1) {
                control.impair(bob, Impairment.NONE.withDelay(1, 0), 1);
            }
            long buffer = alice.claim();
            byte[] frame = Frames.udp(alice, bob, 60);
            MemorySegment.copy(MemorySegment.ofArray(frame), 0, alice.memory(), buffer, 60);
            NetBytes.put16(alice.memory(), buffer + 40, 0x1111);
            alice.send(buffer, 60, 34, 40);
            device.poll(i);
            device.poll(i + 1);
            bob.receive(
                    (memory, offset, length, checked) -> {
                        sums.add(InternetChecksum.finish(InternetChecksum.sum(memory, offset + 34, 26)));
                        return vouched.add(checked);
                    },
                    1);
        }
        assertThat(vouched).containsExactly(true, false);
        // The field held 0x1111, which counts as part of the sum; completed, the whole sums up to that.
        assertThat(sums.get(1)).isEqualTo(0x1111);
    }

    // ---- rates ------------------------------------------------------------------------------------------------------

    @Test
    void aVnicKeepsItsRateAndItsNeighbourDoesNotNotice() {
        control.limit(alice, RateLimit.of(10_000_000, RateLimit.UNLIMITED), 0);
        long got = 0;
        long worst = 0;
        for (long now = 0; now < SECOND; now += 20_000) {
            Frames.send(alice, Frames.udp(alice, carol, 1000));
            Frames.send(bob, Frames.udp(bob, carol, 60));
            long before = control.counters(bob).sent();
            device.poll(now);
            worst = Math.max(worst, control.counters(bob).sent() - before == 1 ? 0 : 1);
            got += Frames.receive(carol).stream()
                    .filter(frame -> frame.length() == 2000)
                    .count();
        }
        assertThat(got * 1000.0).isBetween(9_900_000.0, 10_100_000.0);
        assertThat(worst).isZero();
        assertThat(control.counters(alice).throttled()).isPositive();
        assertThat(alice.claim())
                .as("a frame above the limit waits, and so does its sender")
                .isEqualTo(Vnic.NONE);
    }

    @Test
    void aRateOfFramesIsKeptExactlyAndSaysWhenTheNextMayGo() {
        control.limit(alice, new RateLimit(RateLimit.UNLIMITED, 1000, 0), 0);
        for (int i = 0; i < 100; i++) {
            Frames.send(alice, Frames.udp(alice, bob, 60));
        }
        long now = 0;
        int polls = 0;
        while (control.counters(alice).sent() < 100) {
            polls++;
            device.poll(now);
            now += Math.min(device.idleNanos(now), SECOND);
        }
        assertThat(polls).isEqualTo(100);
        assertThat(now).isEqualTo(99 * 1_000_000L + SECOND);
    }

    // ---- mishaps ----------------------------------------------------------------------------------------------------

    private List<String> mishaps(long seed, Impairment impairment, int frames) {
        Switch wire = new Switch();
        NetworkControl plane = new NetworkControl(wire);
        Vnic from = plane.create("from", Frames.IP1, VnicOptions.DEFAULTS, 0);
        Vnic to = plane.create("to", Frames.IP2, VnicOptions.DEFAULTS, 0);
        plane.impair(to, impairment, seed);
        List<String> arrived = new ArrayList<>();
        for (int i = 0; i < frames; i++) {
            Frames.send(from, Frames.ip(to.mac(), from.mac(), Frames.IP1, Frames.IP2, 17, i, i, 60));
            wire.poll(i * 1000L);
            for (String frame : Frames.receive(to)) {
                arrived.add(i + " " + frame.substring(68, 76) + " " + frame.hashCode());
            }
        }
        wire.poll(SECOND);
        Frames.receive(to).forEach(frame -> arrived.add("end " + frame.substring(68, 76)));
        long lost = plane.counters(to).impaired() + plane.counters(to).noBuffer();
        assertThat(plane.counters(to).received()).isEqualTo(arrived.size());
        if (impairment.duplication() == 0) {
            assertThat(arrived.size() + lost).isEqualTo(frames);
        }
        return arrived;
    }

    @Property(tries = 20)
    void theSameSeedMakesTheSameMishaps(@ForAll long seed) {
        Impairment all = Impairment.NONE
                .withLoss(0.1)
                .withDuplication(0.1)
                .withCorruption(0.1)
                .withReordering(0.1, 5000)
                .withDelay(3000, 2000);
        assertThat(mishaps(seed, all, 300)).isEqualTo(mishaps(seed, all, 300));
        assertThat(mishaps(seed, all, 300)).isNotEqualTo(mishaps(seed + 1, all, 300));
    }

    @Test
    void eachMishapHappensAsOftenAsItShould() {
        assertThat(mishaps(1, Impairment.NONE.withLoss(0.2), 2000)).hasSizeBetween(1500, 1700);
        assertThat(mishaps(2, Impairment.NONE.withDuplication(0.2), 2000)).hasSizeBetween(2300, 2500);
        List<String> clean = mishaps(3, Impairment.NONE, 2000);
        Set<String> known = new HashSet<>(clean);
        List<String> corrupted = mishaps(3, Impairment.NONE.withCorruption(0.2), 2000);
        assertThat(corrupted).hasSize(2000);
        assertThat(corrupted.stream().filter(frame -> !known.contains(frame)).count())
                .isBetween(300L, 500L);
        List<String> reordered = mishaps(4, Impairment.NONE.withReordering(0.2, 10_000), 2000);
        assertThat(inOrder(clean)).isTrue();
        assertThat(reordered).hasSize(2000);
        assertThat(inOrder(reordered)).isFalse();
        assertThat(mishaps(5, Impairment.NONE.withDelay(7000, 0), 20).getFirst())
                .startsWith("7 ");
    }

    private static boolean inOrder(List<String> frames) {
        List<String> numbers = frames.stream().map(frame -> frame.split(" ")[1]).toList();
        return numbers.equals(numbers.stream().sorted().toList());
    }

    @Test
    void aSlowWireCarriesWhatItCanAndItsQueueIsBounded() {
        control.impair(bob, Impairment.NONE.withRate(1_000_000, 10), 1);
        for (long now = 0; now < SECOND / 10; now += 500_000) {
            Frames.send(alice, Frames.udp(alice, bob, 1000));
            device.poll(now);
        }
        assertThat(control.counters(bob).received()).isBetween(97L, 100L);
        assertThat(control.counters(bob).impaired()).isBetween(85L, 95L);
    }

    @Test
    void exactlyTheChosenFrameIsLost() {
        device.tap((number, memory, offset, length) -> number != 1);
        for (int i = 0; i < 3; i++) {
            aliceSends(Frames.ip(bob.mac(), alice.mac(), Frames.IP1, Frames.IP2, 17, i, 0, 60));
        }
        assertThat(Frames.receive(bob))
                .extracting(frame -> frame.substring(68, 72))
                .containsExactly("0000", "0002");
    }

    // ---- the whole --------------------------------------------------------------------------------------------------

    @Property(tries = 100)
    void everyFrameIsDeliveredOnceOrCounted(@ForAll long seed) {
        Random random = new Random(seed);
        Switch wire = new Switch();
        NetworkControl plane = new NetworkControl(wire);
        Vnic[] vnics = new Vnic[4];
        for (int i = 0; i < vnics.length; i++) {
            vnics[i] = plane.create("v" + i, Frames.IP1 + i, VnicOptions.DEFAULTS.withBuffers(16, 256), 0);
        }
        long delivered = 0;
        for (int step = 0; step < 300; step++) {
            Vnic from = vnics[random.nextInt(4)];
            Vnic to = vnics[random.nextInt(4)];
            byte[] frame = Frames.udp(random.nextInt(8) == 0 ? to : from, to, 40 + random.nextInt(200));
            Frames.send(from, frame);
            if (random.nextInt(4) == 0) {
                wire.poll(step);
            }
            if (random.nextInt(16) == 0) {
                delivered += Frames.receive(vnics[random.nextInt(4)]).size();
            }
        }
        wire.poll(1000);
        long sent = 0;
        long accounted = 0;
        for (Vnic vnic : vnics) {
            delivered += Frames.receive(vnic).size();
            VnicCounters counters = plane.counters(vnic);
            sent += counters.sent();
            accounted += counters.refused() + counters.unroutable() + counters.noBuffer();
            assertThat(counters.malformed()).isZero();
        }
        assertThat(delivered + accounted).isEqualTo(sent);
    }

    @Test
    void aFrameCostsNoGarbage() {
        control.impair(carol, Impairment.NONE.withLoss(0.1).withCorruption(0.1).withDelay(10, 10), 1);
        byte[] toBob = Frames.udp(alice, bob, 64);
        byte[] toCarol = Frames.udp(alice, carol, 64);
        long warm = 0;
        for (int i = 0; i < 20_000; i++) {
            warm += exchange(toBob, toCarol, i);
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 20_000; i++) {
            warm += exchange(toBob, toCarol, 20_000 + i);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(warm).isGreaterThan(70_000);
        assertThat(allocated).isLessThan(20_000);
    }

    private int exchange(byte[] toBob, byte[] toCarol, long now) {
        Frames.send(alice, toBob);
        Frames.send(alice, toCarol);
        device.poll(now);
        return bob.receive((memory, offset, length, checked) -> true, 10)
                + carol.receive((memory, offset, length, checked) -> true, 10);
    }
}
