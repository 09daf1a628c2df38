package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.persistent.Verification.Damage;
import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TableVerifierTest {
    private final RamMedia media = new RamMedia(16 * LogRig.SEGMENT);
    private final TableRig rig = new TableRig(media);

    private static Verification verify(TableCore table) {
        try (TableVerifier verifier = table.verifier()) {
            while (verifier.step()) {
                assertThat(verifier.readBytes()).isNotNegative();
            }
            return verifier.result();
        }
    }

    private void fill(TableCore table) {
        for (int i = 0; i < 600; i++) {
            rig.put(table, "key" + i % 200, "value" + i);
        }
        rig.remove(table, "key7");
        rig.commit(table);
    }

    @Test
    void aSoundTableIsFoundSoundWithAllThatIsInIt() throws IOException {
        TableCore table = rig.open();
        assertThat(verify(table)).isEqualTo(new Verification(1, 16, 0, List.of()));
        fill(table);
        Verification found = verify(table);
        assertThat(found.damages()).isEmpty();
        assertThat(found.keys()).isEqualTo(199);
        assertThat(found.records()).isEqualTo(602);
    }

    @Test
    void aTableIsVerifiedWhileItIsChangedAndCleaned() throws IOException {
        TableCore table = rig.open();
        fill(table);
        Random random = new Random(1);
        int finished = 0;
        TableVerifier verifier = table.verifier();
        for (int i = 0; i < 9000; i++) {
            String key = "key" + random.nextInt(300);
            switch (random.nextInt(400)) {
                case 0 -> table.clear();
                case 1, 2, 3 -> rig.remove(table, key);
                default -> {
                    if (table.log().spareSegments() > 4) {
                        rig.put(table, key, "value" + i + "x".repeat(random.nextInt(400)));
                    }
                }
            }
            if (i % 20 == 0) {
                table.commit();
            }
            rig.poll(table);
            if (i % 4 == 0 && !verifier.step()) {
                assertThat(verifier.result().damages()).isEmpty();
                verifier.close();
                verifier = table.verifier();
                finished++;
            }
        }
        assertThat(finished).isGreaterThan(20);
        assertThat(table.log().head()).as("segments were cleaned").isGreaterThan(10 * LogRig.SEGMENT);
        verifier.close();
    }

    private static long hashOf(TableCore table, String key) {
        TableItem item = find(table, key);
        return table.hashOf(item);
    }

    private static TableItem find(TableCore table, String key) {
        assertThat(table.find(TableRig.bytes(key), 0, key.length())).isTrue();
        return table.item();
    }

    private static void assertFinds(TableCore table, long position, String what) {
        assertThat(verify(table).damages())
                .extracting(Damage::position, Damage::detail)
                .anySatisfy(damage -> {
                    assertThat(damage.toArray()[0]).isEqualTo(position);
                    assertThat((String) damage.toArray()[1]).contains(what);
                });
    }

    @Test
    void aKeyThatTheIndexHasLostIsNamedByItsRecord() throws IOException {
        TableCore table = rig.open();
        fill(table);
        long position = find(table, "key3").position();
        table.index().remove(hashOf(table, "key3"), position);
        assertFinds(table, position, "does not show the newest item");
        assertThat(verify(table).damages())
                .last()
                .extracting(Damage::detail)
                .asString()
                .contains("counts 198 keys");
    }

    @Test
    void anEntryThatShowsAnOlderRecordIsNamed() throws IOException {
        TableCore table = rig.open();
        rig.put(table, "a", "old");
        long old = find(table, "a").position();
        rig.put(table, "a", "new");
        rig.commit(table);
        TableItem item = find(table, "a");
        long hash = table.hashOf(item);
        table.index().remove(hash, item.position());
        assertThat(table.index().put(hash, old, 0, candidate -> false)).isFalse();
        assertFinds(table, old, "is not the newest of its key");
        assertFinds(table, item.position(), "does not show the newest item");
    }

    @Test
    void entriesThatShowNoItemAreNamed() throws IOException {
        TableCore table = rig.open();
        fill(table);
        long beyond = table.applied() + 8;
        table.index().put(1, beyond, 0, candidate -> false);
        assertFinds(table, beyond, "where none is");
        table.index().remove(1, beyond);
        assertThat(verify(table).damages()).isEmpty();
        long format = LogFormat.RECORD_PAYLOAD
                + table.log().geometry().positionOf(0, table.log().geometry().firstCommitOffset(0))
                + LogFormat.HEADER_LENGTH;
        table.index().put(1, format, 0, candidate -> false);
        assertFinds(table, format, "where none is");
    }

    @Test
    void anyFlippedBitOfARecordIsFoundAndNamedByItsPosition() throws IOException {
        TableCore table = rig.open();
        fill(table);
        TableItem item = find(table, "key9");
        long start = item.position() - LogFormat.RECORD_PAYLOAD;
        int bits = 8 * (LogFormat.RECORD_PAYLOAD + TableRecordFormat.KEY + item.keyLength() + item.valueLength());
        assertThat(start).as("in segment 0, which is in slot 0").isLessThan(LogRig.SEGMENT);
        for (int bit = 0; bit < bits; bit++) {
            flip(start, bit);
            assertThat(verify(table).damages())
                    .as("bit %d", bit)
                    .hasSize(1)
                    .first()
                    .satisfies(damage -> assertThat(damage.position()).isEqualTo(start));
            flip(start, bit);
        }
        assertThat(verify(table).isSound()).isTrue();
    }

    @Test
    void damageInTwoSegmentsOfALogIsNamedTwice() throws IOException {
        LogCore log = rig.log.open();
        long first = rig.log.appendDurably(log, LogRig.payload(1, 1000));
        for (int i = 0; i < 8; i++) {
            rig.log.appendDurably(log, LogRig.payload(2, 20_000));
        }
        long last = log.appended();
        assertThat(Verification.of(log, read -> {})).isEqualTo(new Verification(9, 161_000, 0, List.of()));
        flip(first - 50, 0);
        flip(log.geometry().slotOffset(log.geometry().segmentOf(last) == 2 ? 2 : 0) + last % LogRig.SEGMENT - 50, 0);
        assertThat(Verification.of(log, read -> {}).damages())
                .extracting(Damage::position)
                .containsExactly(LogCore.start(first, 1000), LogCore.start(last, 20_000));
    }

    private void flip(long at, int bit) {
        MemorySegment view = media.view(0, media.size(), Arena.global());
        DmaBuffer block = DmaBuffer.allocate(4096, 4096, Arena.ofAuto());
        long byteAt = at + bit / 8;
        MemorySegment.copy(view, byteAt & -4096, block.segment(), 0, 4096);
        byte old = block.segment().get(ValueLayout.JAVA_BYTE, byteAt & 4095);
        block.segment().set(ValueLayout.JAVA_BYTE, byteAt & 4095, (byte) (old ^ 1 << bit % 8));
        media.write(byteAt & -4096, block, 0, 4096);
    }
}
