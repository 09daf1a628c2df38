package io.sietch.vnic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * A VNIC's owner may write anything into the memory that it shares, and whoever answers at the door may say anything.
 */
class HostileOwnerTest {
    private static final int BUFFERS = 16;
    private static final int RINGS = 4;

    private static long edge(Random random, long near) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong();
            case 1 -> random.nextInt();
            case 2 -> Long.MAX_VALUE - random.nextInt(4);
            case 3 -> -random.nextInt(40);
            default -> near + random.nextInt(40);
        };
    }

    private static void vandalize(Vnic evil, Random random) {
        MemorySegment memory = evil.memory();
        for (int i = random.nextInt(40); i > 0; i--) {
            long ring = VnicFormat.ringAt(random.nextInt(RINGS), BUFFERS);
            switch (random.nextInt(3)) {
                case 0 -> memory.set(ValueLayout.JAVA_LONG, ring + VnicFormat.PRODUCED, edge(random, 0));
                case 1 -> memory.set(ValueLayout.JAVA_LONG, ring + VnicFormat.CONSUMED, edge(random, 0));
                default -> {
                    long entry = ring + VnicFormat.ENTRIES + random.nextInt(BUFFERS) * VnicFormat.DESCRIPTOR_BYTES;
                    long near = VnicFormat.buffersAt(BUFFERS) + random.nextInt(BUFFERS) * 256L;
                    long place = VnicFormat.place(edge(random, near) & 0xFFFF_FFFFL, (int) edge(random, 60));
                    memory.set(ValueLayout.JAVA_LONG, entry, random.nextBoolean() ? place : random.nextLong());
                    // In a lap in which the device may be looking for it.
                    int shift = Integer.numberOfTrailingZeros(BUFFERS);
                    long position = random.nextInt(4 * BUFFERS);
                    memory.set(ValueLayout.JAVA_LONG, entry + 8, VnicFormat.inLap(random.nextLong(), position, shift));
                }
            }
        }
    }

    @Property(tries = 1000)
    void whateverItWritesNobodyElseIsHurt(@ForAll long seed) {
        Random random = new Random(seed);
        Switch device = new Switch();
        NetworkControl control = new NetworkControl(device);
        VnicOptions small = VnicOptions.DEFAULTS.withBuffers(BUFFERS, 256);
        Vnic alice = control.create("alice", Frames.IP1, small, 0);
        Vnic evil = control.create("evil", Frames.IP3, small, 0);
        Vnic bob = control.create("bob", Frames.IP2, small, 0);
        for (int round = 0; round < 20; round++) {
            vandalize(evil, random);
            byte[] frame = Frames.udp(alice, bob, 60 + round);
            assertThat(Frames.send(alice, frame)).isTrue();
            Frames.send(alice, Frames.udp(alice, evil, 60));
            device.poll(round);
            device.idleNanos(round);
            // Whatever of the evil one's comes through says who sent it.
            for (String got : Frames.receive(bob)) {
                assertThat(got.substring(12, 24))
                        .isIn(String.format("%012x", alice.mac()), String.format("%012x", evil.mac()));
            }
            Frames.receive(alice);
        }
        assertThat(control.counters(bob).received()).isGreaterThanOrEqualTo(20);
        assertThat(VnicFormat.complaint(evil.memory())).isNull();
        assertThat(alice.nonsense() + bob.nonsense()).isZero();
    }

    @Property(tries = 1000)
    void aGreetingIsUnderstoodOrRefused(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        String path = "/dev/shm/p\u00e4th" + "x".repeat(random.nextInt(4000));
        ByteBuffer hello = new ShmHello(path, random.nextInt()).encode();
        byte[] head = new byte[ShmHello.HEAD_BYTES];
        hello.get(head);
        assertThat(ShmHello.pathBytes(ByteBuffer.wrap(head))).isEqualTo(hello.remaining());
        assertThat(StandardCharsets.UTF_8.decode(hello.duplicate()).toString()).isEqualTo(path);
        assertThat(ShmHello.decode(ByteBuffer.wrap(head), hello).path()).isEqualTo(path);
        int bit = random.nextInt(64);
        head[bit / 8] ^= (byte) (1 << bit % 8);
        assertThatThrownBy(() -> ShmHello.pathBytes(ByteBuffer.wrap(head))).isInstanceOf(IOException.class);
        random.nextBytes(head);
        ByteBuffer.wrap(head).putLong(ShmHello.MAGIC);
        int length = ByteBuffer.wrap(head).getShort(8);
        if (length <= 0 || length > 4096) {
            assertThatThrownBy(() -> ShmHello.pathBytes(ByteBuffer.wrap(head))).isInstanceOf(IOException.class);
        } else {
            assertThat(ShmHello.pathBytes(ByteBuffer.wrap(head))).isEqualTo(length);
        }
    }
}
