package io.sietch.vnic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The header of a packet, byte by byte as Virtual I/O Device 1.2 has it in 5.10.6, and what two ends count. */
class VsockFormatTest {
    private static final String GOLDEN = "0200530a00000000" // source CID
            + "0100530a00000000" // destination CID
            + "04030201" // source port
            + "eb180000" // destination port
            + "2a000000" // length
            + "0100" // type: stream
            + "0500" // op: RW
            + "03000000" // flags
            + "00000400" // buf_alloc
            + "fffffffe"; // fwd_cnt

    private final MemorySegment memory = Arena.ofAuto().allocate(64, 1);

    /** At an odd place, as a hostile owner may ask for. */
    private String written(long at) {
        VsockFormat.writeEnds(
                memory,
                at,
                VsockFormat.cid(0x0A53_0002),
                VsockFormat.cid(0x0A53_0001),
                VsockFormat.ports(0x0102_0304, 6379));
        VsockFormat.writeWord(memory, at, 42, VsockFormat.OP_RW, 3, 1 << 18, 0xFEFF_FFFF);
        return HexFormat.of().formatHex(memory.asSlice(at, VsockFormat.BYTES).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void aHeaderIsAsTheSpecificationDrawsIt() {
        assertThat(written(0)).isEqualTo(GOLDEN);
        assertThat(written(3)).isEqualTo(GOLDEN);
        assertThat(GOLDEN).hasSize(2 * VsockFormat.BYTES);
    }

    @Test
    void aHeaderIsReadAsItWasWritten() {
        VsockHeader header = new VsockHeader();
        assertThat(written(7)).isEqualTo(GOLDEN);
        header.read(memory, 7);
        assertThat(header.sourceCid).isEqualTo(0x0A53_0002);
        assertThat(header.destinationCid).isEqualTo(0x0A53_0001);
        assertThat(header.sourcePort).isEqualTo(0x0102_0304);
        assertThat(header.destinationPort).isEqualTo(6379);
        assertThat(header.length).isEqualTo(42);
        assertThat(header.type).isEqualTo(VsockFormat.TYPE_STREAM);
        assertThat(header.op).isEqualTo(VsockFormat.OP_RW);
        assertThat(header.flags).isEqualTo(3);
        assertThat(header.allocated).isEqualTo(1 << 18);
        assertThat(header.forwarded).isEqualTo(0xFEFF_FFFF);
    }

    @Test
    void anAddressWithItsHighestBitIsAPositiveCid() {
        assertThat(VsockFormat.cid(0xC0A8_0001)).isEqualTo(0xC0A8_0001L);
        assertThat(VsockFormat.ports(-1, 1)).isEqualTo(0x1_FFFF_FFFFL);
    }

    @Test
    void roomIsWhatThePeerHasLessWhatIsUnderWayAndSurvivesFourGigabytes() {
        VsockCredit credit = new VsockCredit();
        assertThat(credit.room()).isZero();
        credit.heard(1000, 0);
        assertThat(credit.room()).isEqualTo(1000);
        int taken = 0;
        for (long sent = 0; sent < 9L << 30; sent += 700_000_000) {
            credit.heard(700_000_000, taken);
            assertThat(credit.room()).isEqualTo(700_000_000);
            credit.sent(700_000_000);
            assertThat(credit.room()).isZero();
            taken += 700_000_000;
        }
        credit.heard(100, taken - 101);
        assertThat(credit.room()).as("a peer that takes back what it has said").isZero();
        credit.heard(100, taken + 1);
        assertThat(credit.room()).as("a peer that has taken what was not sent").isZero();
        credit.heard(-1, taken);
        assertThat(credit.room()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void whatThePeerMaySendIsTheWindowLessWhatIsNotTaken() {
        VsockCredit credit = new VsockCredit();
        assertThat(credit.receive(VsockCredit.WINDOW)).isTrue();
        assertThat(credit.receive(1)).isFalse();
        assertThat(credit.receive(-1)).isFalse();
        assertThat(credit.take(VsockCredit.WINDOW / 2 - 1)).isFalse();
        assertThat(credit.take(1)).as("worth a word of its own").isTrue();
        assertThat(credit.receive(VsockCredit.WINDOW / 2 + 1)).isFalse();
        assertThat(credit.receive(VsockCredit.WINDOW / 2)).isTrue();
        assertThat(credit.tell()).isEqualTo(VsockCredit.WINDOW / 2);
        assertThat(credit.take(1)).isFalse();
    }
}
