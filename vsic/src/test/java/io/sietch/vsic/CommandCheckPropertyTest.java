package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.math.BigInteger;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Any command whatever against an oracle that says in the plainest way which of them may run. */
class CommandCheckPropertyTest {
    private static final int BLOCK = 4096;
    private static final int AREA_BLOCKS = 6;
    private static final int BUFFER_BLOCKS = 3;

    enum Handle {
        OWN,
        READ_ONLY,
        POISONED,
        REVOKED,
        FOREIGN
    }

    record Request(Opcode opcode, Handle handle, long offset, long length, int bufferOffset, boolean closedBuffer) {
        /** What the buffer methods can be asked for: their length is an int. */
        long submittedLength() {
            return opcode == Opcode.DEALLOCATE ? length : (int) length;
        }

        Status expected() {
            if (handle == Handle.REVOKED) {
                return Status.INVALID_NAMESPACE;
            }
            if (handle == Handle.FOREIGN) {
                return Status.ACCESS_DENIED;
            }
            if (handle == Handle.READ_ONLY && opcode != Opcode.READ) {
                return Status.NAMESPACE_WRITE_PROTECTED;
            }
            if (handle == Handle.POISONED && opcode != Opcode.READ) {
                return Status.NAMESPACE_NOT_READY;
            }
            if (opcode == Opcode.FLUSH) {
                return Status.SUCCESS;
            }
            BigInteger from = BigInteger.valueOf(offset);
            BigInteger bytes = BigInteger.valueOf(submittedLength());
            BigInteger size = BigInteger.valueOf(AREA_BLOCKS * BLOCK);
            if (from.signum() < 0 || bytes.signum() < 0 || from.add(bytes).compareTo(size) > 0) {
                return Status.LBA_OUT_OF_RANGE;
            }
            if (bytes.signum() == 0 || offset % BLOCK != 0 || submittedLength() % BLOCK != 0) {
                return Status.INVALID_FIELD;
            }
            if (opcode != Opcode.DEALLOCATE) {
                boolean outside = bufferOffset < 0 || (long) bufferOffset + submittedLength() > BUFFER_BLOCKS * BLOCK;
                if (outside || closedBuffer) {
                    return Status.INVALID_FIELD;
                }
            }
            return Status.SUCCESS;
        }

        boolean submit(Vsic vsic, Vsa area, DmaBuffer buffer) {
            int intLength = (int) length;
            return switch (opcode) {
                case READ -> vsic.read(area, offset, buffer, bufferOffset, intLength, 7);
                case WRITE -> vsic.write(area, offset, buffer, bufferOffset, intLength, 7);
                case WRITE_FUA -> vsic.writeForced(area, offset, buffer, bufferOffset, intLength, 7);
                case FLUSH -> vsic.flush(area, 7);
                case DEALLOCATE -> vsic.deallocate(area, offset, length, 7);
            };
        }
    }

    @Provide
    Arbitrary<Request> requests() {
        Arbitrary<Long> near = Arbitraries.longs().between(-2, AREA_BLOCKS + 2).map(block -> block * BLOCK);
        Arbitrary<Long> ragged = Arbitraries.longs().between(-2L * BLOCK, (AREA_BLOCKS + 2L) * BLOCK);
        Arbitrary<Long> extreme = Arbitraries.of(
                0L,
                -1L,
                Long.MAX_VALUE,
                Long.MIN_VALUE,
                Long.MAX_VALUE - BLOCK + 1,
                1L << 62,
                (long) Integer.MAX_VALUE,
                (long) Integer.MIN_VALUE,
                1L << 32,
                (1L << 32) + BLOCK);
        Arbitrary<Long> any = Arbitraries.frequencyOf(
                Tuple.of(6, near), Tuple.of(2, ragged), Tuple.of(2, extreme), Tuple.of(1, Arbitraries.longs()));
        Arbitrary<Integer> inBuffer = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.of(0, BLOCK, 2 * BLOCK, 64)),
                Tuple.of(2, Arbitraries.integers().between(-8, BUFFER_BLOCKS * BLOCK + 8)),
                Tuple.of(1, Arbitraries.of(Integer.MAX_VALUE, Integer.MIN_VALUE, -1)));
        Arbitrary<Handle> handles = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.just(Handle.OWN)), Tuple.of(4, Arbitraries.of(Handle.class)));
        Arbitrary<Boolean> closed = Arbitraries.frequency(Tuple.of(19, false), Tuple.of(1, true));
        return Combinators.combine(Arbitraries.of(Opcode.class), handles, any, any, inBuffer, closed)
                .as(Request::new);
    }

    @Property(tries = 3000)
    void aCommandRunsOrMovesNothingExactlyAsTheOracleSays(@ForAll("requests") Request request) throws Exception {
        try (Rig rig = new Rig(new StubMedia(16L * BLOCK))) {
            Vsic vsic = rig.vsic(4);
            Vsic neighbour = rig.vsic(4);
            DmaBuffer buffer = rig.filled(BUFFER_BLOCKS, 0xB0);
            for (int block = 0; block < 16; block++) {
                rig.media.write((long) block * BLOCK, rig.filled(1, 0x10 + block), 0, BLOCK);
            }
            Vsa area = prepare(rig, vsic, neighbour, request.handle());
            DmaBuffer given = request.closedBuffer() ? closedBuffer() : buffer;
            byte[] mediumBefore = rig.image();
            byte[] bufferBefore = Rig.bytes(buffer.segment());
            VsicCounters counters = vsic.counters();
            long rejected = counters.rejected();
            long commands = counters.commands();
            long moved = counters.bytesRead() + counters.bytesWritten();

            Completions completions = new Completions();
            assertThat(request.submit(vsic, area, given)).isTrue();
            rig.settle(vsic, completions);

            Status expected = request.expected();
            assertThat(completions.seen).containsExactly(new Completions.Seen(7, expected));
            assertThat(counters.commands() - commands).isEqualTo(1);
            assertThat(counters.rejected() - rejected).isEqualTo(expected == Status.SUCCESS ? 0 : 1);
            if (expected == Status.SUCCESS) {
                model(request, mediumBefore, bufferBefore);
            } else {
                assertThat(counters.bytesRead() + counters.bytesWritten()).isEqualTo(moved);
            }
            assertThat(rig.image()).isEqualTo(mediumBefore);
            assertThat(Rig.bytes(buffer.segment())).isEqualTo(bufferBefore);
        }
    }

    /** Areas lie in blocks 2..7, in three extents out of order; everything else is somebody else's. */
    private static final List<Extent> EXTENTS = List.of(Rig.blocks(5, 3), Rig.blocks(2, 1), Rig.blocks(10, 2));

    private static final int[] BLOCK_OF = {5, 6, 7, 2, 10, 11};

    private static Vsa prepare(Rig rig, Vsic vsic, Vsic neighbour, Handle handle) throws IOException {
        Vsic owner = handle == Handle.FOREIGN ? neighbour : vsic;
        Rights rights = handle == Handle.READ_ONLY ? Rights.READ_ONLY : Rights.READ_WRITE;
        Vsa area = rig.area(owner, rights, EXTENTS.toArray(new Extent[0]));
        if (handle == Handle.REVOKED) {
            rig.controller.revoke(area);
        }
        if (handle == Handle.POISONED) {
            StubMedia stub = (StubMedia) rig.media;
            stub.onFlush = StubMedia.eio();
            assertThat(rig.flush(vsic, area)).isEqualTo(Status.WRITE_FAULT);
            stub.onFlush = null;
        }
        return area;
    }

    private static DmaBuffer closedBuffer() {
        try (Arena arena = Arena.ofConfined()) {
            return DmaBuffer.allocate(BUFFER_BLOCKS * BLOCK, BLOCK, arena);
        }
    }

    /** Plays a command that may run on plain arrays. */
    private static void model(Request request, byte[] medium, byte[] buffer) {
        if (request.opcode() == Opcode.FLUSH) {
            return;
        }
        for (int i = 0; i < request.submittedLength(); i++) {
            int at = (int) request.offset() + i;
            int onMedium = BLOCK_OF[at / BLOCK] * BLOCK + at % BLOCK;
            switch (request.opcode()) {
                case READ -> buffer[request.bufferOffset() + i] = medium[onMedium];
                case DEALLOCATE -> medium[onMedium] = 0;
                default -> medium[onMedium] = buffer[request.bufferOffset() + i];
            }
        }
    }
}
