package io.sietch.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.LatencyModel;
import io.sietch.vsic.Media;
import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What {@link CrashMedia} shows while nothing has crashed, and how its injected faults show. */
class CrashMediaTest {
    private static final int BLOCK = 512;
    private static final int BLOCKS = 12;

    private final DmaBuffer buffer = DmaBuffer.allocate(BLOCKS * BLOCK, BLOCK, Arena.ofAuto());

    record Call(Kind kind, int block, int blocks, byte value) {
        enum Kind {
            WRITE,
            READ,
            FLUSH,
            DEALLOCATE,
            GROW
        }
    }

    @Provide
    Arbitrary<List<Call>> calls() {
        return Combinators.combine(
                        Arbitraries.of(Call.Kind.class),
                        Arbitraries.integers().between(0, 7),
                        Arbitraries.integers().between(1, 5),
                        Arbitraries.bytes())
                .as(Call::new)
                .list()
                .ofMaxSize(40);
    }

    @Property(tries = 300)
    void withoutFaultsItBehavesAsMemoryDoes(@ForAll("calls") List<Call> calls, @ForAll boolean bigSectors)
            throws IOException {
        try (RamMedia ram = new RamMedia(8 * BLOCK, BLOCKS * BLOCK, BLOCK, LatencyModel.NONE)) {
            int sector = bigSectors ? 4 * BLOCK : BLOCK;
            CrashMedia media = new CrashMedia(new CrashGeometry(8 * BLOCK, BLOCKS * BLOCK, BLOCK, sector));
            MemorySegment view = media.view(0, media.size(), Arena.ofAuto());
            for (Call call : calls) {
                apply(call, ram, sector);
                apply(call, media, sector);
                assertThat(media.size()).isEqualTo(ram.size());
                assertThat(content(media)).isEqualTo(content(ram));
                assertThat(view.mismatch(MemorySegment.ofArray(content(ram)).asSlice(0, view.byteSize())))
                        .isEqualTo(-1);
            }
        }
    }

    private void apply(Call call, Media media, int sector) throws IOException {
        long offset = (long) call.block * BLOCK;
        int length = (int) Math.min((long) call.blocks * BLOCK, media.size() - offset);
        switch (call.kind) {
            case WRITE -> {
                buffer.segment().fill(call.value);
                media.write(offset, buffer, 0, length);
            }
            case READ -> media.read(offset, buffer, 0, length);
            case FLUSH -> media.flush();
            case DEALLOCATE -> {
                // Whole sectors only: what a deallocation does to a part of one is left open.
                long from = Math.ceilDiv(offset, (long) sector) * sector;
                long to = (offset + length) / sector * sector;
                if (from < to) {
                    media.deallocate(from, to - from);
                }
            }
            case GROW -> {
                if (media.size() < BLOCKS * BLOCK) {
                    media.grow(BLOCKS * BLOCK);
                }
            }
        }
    }

    private byte[] content(Media media) throws IOException {
        buffer.segment().fill((byte) 0);
        media.read(0, buffer, 0, (int) media.size());
        return buffer.segment().toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void aPowerCutUnwindsTheCallAndEveryLaterOne() throws IOException {
        CrashMedia media = new CrashMedia(CrashGeometry.of(4 * 4096));
        DmaBuffer block = DmaBuffer.allocate(4096, 4096, Arena.ofAuto());
        media.cutPower(1, false);
        media.write(0, block, 0, 4096);
        assertThatThrownBy(media::flush).isInstanceOf(PowerCut.class);
        assertThatThrownBy(() -> media.read(0, block, 0, 4096)).isInstanceOf(PowerCut.class);
        assertThat(media.events()).isEqualTo(1);
    }

    @Test
    void aCutDuringAWriteMayLeaveItAndOneBeforeItDoesNot() throws IOException {
        for (boolean during : new boolean[] {false, true}) {
            CrashMedia media = new CrashMedia(CrashGeometry.of(4096));
            DmaBuffer block = DmaBuffer.allocate(4096, 4096, Arena.ofAuto());
            block.segment().fill((byte) 7);
            media.cutPower(0, during);
            assertThatThrownBy(() -> media.write(0, block, 0, 4096)).isInstanceOf(PowerCut.class);
            byte kept = media.crash(CrashModel.SECTORS, Choices.NEWEST).sector(0)[0];
            assertThat(kept).isEqualTo((byte) (during ? 7 : 0));
            assertThat(media.crash(CrashModel.SECTORS, Choices.OLDEST).sector(0)[0])
                    .isZero();
        }
    }

    @Test
    void theNthCallFailsOnceOrForEver() throws IOException {
        CrashMedia media = new CrashMedia(CrashGeometry.of(4096));
        DmaBuffer block = DmaBuffer.allocate(4096, 4096, Arena.ofAuto());
        media.inject(Fault.once(Fault.Call.READ, 2));
        media.inject(Fault.sticky(Fault.Call.WRITE, 2));
        media.read(0, block, 0, 4096);
        media.write(0, block, 0, 4096);
        assertThatThrownBy(() -> media.read(0, block, 0, 4096)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> media.write(0, block, 0, 4096)).isInstanceOf(IOException.class);
        media.read(0, block, 0, 4096);
        assertThatThrownBy(() -> media.write(0, block, 0, 4096)).isInstanceOf(IOException.class);
        assertThat(media.faultsStruck()).isEqualTo(3);
    }

    @Test
    void growingWithoutRoomLeavesTheSizeAsItWas() {
        CrashMedia media = new CrashMedia(CrashGeometry.of(4096).growingTo(8192));
        assertThatThrownBy(() -> media.grow(3 * 4096)).isInstanceOf(IOException.class);
        assertThat(media.size()).isEqualTo(4096);
    }

    @Test
    void aFailedFlushLeavesItsDataDirtyOrCleanOrReverted() throws IOException {
        assertThat(afterFailedFlush(Fault.Effect.ERROR)).isEqualTo("shows 7, then flushed: may hold 7");
        assertThat(afterFailedFlush(Fault.Effect.ERROR_MARKED_CLEAN))
                .isEqualTo("shows 7, then flushed: may hold 0 or 7");
        assertThat(afterFailedFlush(Fault.Effect.ERROR_REVERTED)).isEqualTo("shows 0, then flushed: may hold 0");
    }

    private static String afterFailedFlush(Fault.Effect effect) throws IOException {
        CrashMedia media = new CrashMedia(CrashGeometry.of(4096));
        DmaBuffer block = DmaBuffer.allocate(4096, 4096, Arena.ofAuto());
        block.segment().fill((byte) 7);
        media.write(0, block, 0, 4096);
        media.inject(Fault.once(Fault.Call.FLUSH, 1).with(effect));
        assertThatThrownBy(media::flush).isInstanceOf(IOException.class);
        media.read(0, block, 0, 4096);
        int shown = block.segment().get(ValueLayout.JAVA_BYTE, 0);
        media.flush();
        int oldest = media.crash(CrashModel.SECTORS, Choices.OLDEST).sector(0)[0];
        int newest = media.crash(CrashModel.SECTORS, Choices.NEWEST).sector(0)[0];
        return "shows " + shown + ", then flushed: may hold " + oldest + (oldest == newest ? "" : " or " + newest);
    }

    @Test
    void lostAndMisdirectedWritesSucceedAndAreNotThere() throws IOException {
        CrashMedia media = new CrashMedia(CrashGeometry.of(3 * 4096));
        DmaBuffer block = DmaBuffer.allocate(4096, 4096, Arena.ofAuto());
        block.segment().fill((byte) 7);
        media.inject(new Fault(Fault.Call.WRITE, 1, false, Fault.Effect.LOST, 0));
        media.inject(new Fault(Fault.Call.WRITE, 2, false, Fault.Effect.MISDIRECTED, 8192));
        media.write(0, block, 0, 4096);
        media.write(4096, block, 0, 4096);
        media.flush();
        CrashImage image = media.crash(CrashModel.SECTORS, Choices.OLDEST);
        assertThat(image.sector(0)[0]).isZero();
        assertThat(image.sector(8)[0]).isZero();
        assertThat(image.sector(16)[0]).isEqualTo((byte) 7);
    }

    @Test
    void aMediumCanRotOrRefuseToRead() throws IOException {
        CrashMedia media = new CrashMedia(CrashGeometry.of(2 * 4096));
        CrashImage image = media.crash(CrashModel.SECTORS, Choices.OLDEST);
        image.flip(513, 0x10);
        image.makeUnreadable(4096);
        CrashMedia next = CrashMedia.on(image);
        DmaBuffer block = DmaBuffer.allocate(4096, 4096, Arena.ofAuto());
        next.read(0, block, 0, 4096);
        assertThat(block.segment().get(ValueLayout.JAVA_BYTE, 513)).isEqualTo((byte) 0x10);
        assertThatThrownBy(() -> next.read(4096, block, 0, 4096)).isInstanceOf(IOException.class);
        next.write(4096, block, 0, 4096);
        next.read(4096, block, 0, 4096);
        assertThat(block.segment().get(ValueLayout.JAVA_BYTE, 513)).isEqualTo((byte) 0x10);
    }

    @Test
    void aFlushDoesNotCoverAWriteThatIsStillUnderWay() throws IOException {
        VirtualTime time = new VirtualTime();
        CrashMedia media = new CrashMedia(CrashGeometry.of(4096), new LatencyModel(0, 100, 0), time);
        DmaBuffer block = DmaBuffer.allocate(4096, 4096, Arena.ofAuto());
        block.segment().fill((byte) 7);
        media.write(0, block, 0, 4096);
        time.advance(99);
        media.flush();
        assertThat(media.crash(CrashModel.SECTORS, Choices.OLDEST).sector(0)[0]).isZero();
        time.advance(1);
        media.flush();
        assertThat(media.crash(CrashModel.SECTORS, Choices.OLDEST).sector(0)[0]).isEqualTo((byte) 7);
    }

    @Test
    void aKilledProcessLeavesEverythingAndThePowerMayStillTakeIt() throws IOException {
        CrashMedia media = new CrashMedia(CrashGeometry.of(4096));
        DmaBuffer block = DmaBuffer.allocate(4096, 4096, Arena.ofAuto());
        block.segment().fill((byte) 7);
        media.write(0, block, 0, 4096);
        CrashMedia next = media.kill(1);
        next.read(0, block, 0, 4096);
        assertThat(block.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 7);
        assertThat(next.crash(CrashModel.SECTORS, Choices.OLDEST).sector(0)[0]).isZero();
        assertThat(next.crash(CrashModel.SECTORS, Choices.NEWEST).sector(0)[0]).isEqualTo((byte) 7);
        next.flush();
        assertThat(next.crash(CrashModel.SECTORS, Choices.OLDEST).sector(0)[0]).isEqualTo((byte) 7);
    }

    @Test
    void aForgetfulMediumLeavesTheSameImageAsOneThatRemembers() throws IOException {
        CrashMedia forgetful = new CrashMedia(CrashGeometry.of(4096)).forgetful();
        CrashMedia mindful = new CrashMedia(CrashGeometry.of(4096));
        DmaBuffer block = DmaBuffer.allocate(4096, 4096, Arena.ofAuto());
        for (int i = 1; i <= 20; i++) {
            block.segment().fill((byte) i);
            forgetful.write(0, block, 0, 4096);
            mindful.write(0, block, 0, 4096);
            if (i % 3 == 0) {
                forgetful.flush();
                mindful.flush();
            }
            for (Choices choices : List.of(Choices.OLDEST, Choices.NEWEST, Choices.random(i))) {
                assertThat(forgetful.crash(CrashModel.SECTORS, choices).sector(3))
                        .isEqualTo(mindful.crash(CrashModel.SECTORS, choices).sector(3));
            }
        }
        assertThatThrownBy(() -> forgetful.crash(1, CrashModel.SECTORS, Choices.OLDEST))
                .isInstanceOf(IllegalStateException.class);
    }
}
