package io.sietch.vnic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The application's end: who holds which buffer. */
class VnicTest {
    private final Switch device = new Switch();
    private final NetworkControl control = new NetworkControl(device);
    private final VnicOptions small = VnicOptions.DEFAULTS.withBuffers(8, 256);
    private final Vnic alice = control.create("alice", Frames.IP1, small, 0);
    private final Vnic bob = control.create("bob", Frames.IP2, small, 0);

    @Test
    void sendingStopsWhenNoBufferIsFreeAndGoesOnWhenTheDeviceHasTakenOne() {
        for (int i = 0; i < 4; i++) {
            assertThat(Frames.send(alice, Frames.udp(alice, bob, 64))).isTrue();
        }
        assertThat(alice.claim()).isEqualTo(Vnic.NONE);
        device.poll(0);
        assertThat(Frames.receive(bob)).hasSize(4);
        assertThat(Frames.send(alice, Frames.udp(alice, bob, 64))).isTrue();
    }

    /** Every other buffer would have to be brought into the caches. */
    @Test
    void fewBuffersDoForASenderWhoseFramesAreTakenAtOnce() {
        VnicOptions large = VnicOptions.DEFAULTS.withBuffers(1024, 256);
        Vnic carol = control.create("carol", Frames.IP3, large, 0);
        Set<Long> used = new HashSet<>();
        for (int i = 0; i < 2000; i++) {
            long buffer = carol.claim();
            used.add(buffer);
            carol.send(buffer, 64);
            device.poll(0);
        }
        assertThat(used).hasSizeLessThanOrEqualTo(32);
    }

    @Test
    void framesWaitInTheSendersRingForAVnicThatIsWaitedFor() {
        control.await(bob);
        List<String> sent = new ArrayList<>();
        List<String> got = new ArrayList<>();
        Vnic carol = control.create("carol", Frames.IP3, small.withBuffers(64, 256), 0);
        for (int i = 0; i < 10; i++) {
            byte[] frame = Frames.udp(carol, bob, 60 + i);
            sent.add(Frames.hex(frame));
            Frames.send(carol, frame);
        }
        assertThat(device.poll(0)).isEqualTo(4);
        assertThat(device.poll(0)).isZero();
        for (int i = 0; i < 3; i++) {
            got.addAll(Frames.receive(bob));
            device.poll(0);
        }
        assertThat(got).isEqualTo(sent);
        assertThat(control.counters(bob).noBuffer()).isZero();
    }

    @Test
    void aBufferIsTheApplicationsUntilItIsSentOrGivenBackAndNotLonger() {
        long buffer = alice.claim();
        alice.send(buffer, 64);
        assertThatThrownBy(() -> alice.send(buffer, 64)).hasMessageContaining("does not hold a buffer at " + buffer);
        assertThatThrownBy(() -> alice.release(buffer)).hasMessageContaining("does not hold");
        assertThatThrownBy(() -> alice.release(buffer + 1)).hasMessageContaining("does not hold");
        assertThatThrownBy(() -> alice.release(-5)).hasMessageContaining("does not hold");
        long other = alice.claim();
        assertThatThrownBy(() -> alice.send(other, 257)).hasMessage("a frame of 257 bytes: must be 14 to 256");
        assertThatThrownBy(() -> alice.send(other, 64, 34, 63)).hasMessageContaining("a checksum at 63");
        alice.release(other);
        assertThatThrownBy(() -> alice.send(other, 64)).hasMessageContaining("does not hold");
    }

    @Test
    void aReceivedFrameMayBeKeptAndIsNotOverwritten() {
        List<Long> kept = new ArrayList<>();
        byte[] first = Frames.udp(alice, bob, 100);
        Frames.send(alice, first);
        device.poll(0);
        bob.receive((memory, offset, length, checked) -> !kept.add(offset), 10);
        for (int i = 0; i < 20; i++) {
            Frames.send(alice, Frames.udp(alice, bob, 200));
            device.poll(0);
            Frames.receive(bob);
        }
        MemorySegment frame = bob.memory().asSlice(kept.getFirst(), 100);
        assertThat(frame.mismatch(MemorySegment.ofArray(first))).isEqualTo(-1);
        bob.release(kept.getFirst());
    }

    @Test
    void keptFramesAreMissedByTheDeviceUntilTheyAreGivenBack() {
        List<Long> kept = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Frames.send(alice, Frames.udp(alice, bob, 64));
            device.poll(0);
            bob.receive((memory, offset, length, checked) -> !kept.add(offset), 10);
        }
        assertThat(kept).hasSize(4);
        assertThat(control.counters(bob).noBuffer()).isEqualTo(1);
        kept.forEach(bob::release);
        Frames.send(alice, Frames.udp(alice, bob, 64));
        device.poll(0);
        assertThat(Frames.receive(bob)).hasSize(1);
    }

    @Test
    void aFrameMayGoBackInTheBufferInWhichItCame() {
        for (int round = 0; round < 50; round++) {
            Frames.send(alice, Frames.udp(alice, bob, 64));
            device.poll(0);
            bob.receive(
                    (memory, offset, length, checked) -> {
                        byte[] back = Frames.udp(bob, alice, 64);
                        MemorySegment.copy(MemorySegment.ofArray(back), 0, memory, offset, back.length);
                        bob.send(offset, length);
                        return false;
                    },
                    10);
            device.poll(0);
            assertThat(Frames.receive(alice)).containsExactly(Frames.hex(Frames.udp(bob, alice, 64)));
            // Takes back what was sent, as an application that sends something of its own would.
            bob.release(bob.claim());
        }
        assertThat(control.counters(bob).noBuffer()).isZero();
    }

    @Test
    void aDeviceThatTalksNonsenseIsCountedAndDoesNoHarm() {
        MemorySegment memory = bob.memory();
        DescriptorProducer lies = new DescriptorProducer(memory, VnicFormat.RECEIVE, 8);
        long buffers = VnicFormat.buffersAt(8);
        lies.put(VnicFormat.place(0, 64), 0);
        lies.put(VnicFormat.place(buffers + 1, 64), 0);
        lies.put(VnicFormat.place(buffers, 64), 0);
        lies.put(VnicFormat.place(0xFFFF_FFFFL, 64), 0);
        lies.put(VnicFormat.place(buffers + 7 * 256, 1 << 20), 0);
        assertThat(Frames.receive(bob)).isEmpty();
        assertThat(bob.nonsense()).isEqualTo(5);
    }

    @Property(tries = 200)
    void noBufferIsEverLostOrHandedOutTwice(@ForAll long seed) {
        Random random = new Random(seed);
        Switch wire = new Switch();
        NetworkControl plane = new NetworkControl(wire);
        Vnic one = plane.create("one", Frames.IP1, small, 0);
        Vnic two = plane.create("two", Frames.IP2, small, 0);
        List<Long> held = new ArrayList<>();
        for (int step = 0; step < 300; step++) {
            switch (random.nextInt(5)) {
                case 0 -> {
                    long buffer = one.claim();
                    if (buffer != Vnic.NONE) {
                        assertThat(held).doesNotContain(buffer);
                        held.add(buffer);
                    }
                }
                case 1 -> {
                    if (!held.isEmpty()) {
                        one.release(held.remove(random.nextInt(held.size())));
                    }
                }
                case 2 -> {
                    if (!held.isEmpty()) {
                        one.send(held.remove(random.nextInt(held.size())), 14 + random.nextInt(200));
                    }
                }
                case 3 -> Frames.send(two, Frames.udp(two, one, 64));
                default -> {
                    wire.poll(step);
                    one.receive((memory, offset, length, checked) -> random.nextBoolean() || !held.add(offset), 9);
                }
            }
        }
        held.forEach(one::release);
        wire.poll(1000);
        Frames.receive(one);
        List<Long> all = new ArrayList<>();
        for (long buffer = one.claim(); buffer != Vnic.NONE; buffer = one.claim()) {
            all.add(buffer);
        }
        assertThat(all).doesNotHaveDuplicates().hasSize(4);
        assertThat(one.nonsense()).isZero();
    }
}
