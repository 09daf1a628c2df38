package io.sietch.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsic.DmaBuffer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Damaged sectors that are enumerated: each once, and all of them. Sectors are written as one letter for each word. */
class SectorDamageTest {
    private static final int WORDS = 8;
    private static final int SECTOR = WORDS * Long.BYTES;

    private final DmaBuffer buffer = DmaBuffer.allocate(SECTOR, SECTOR, Arena.ofAuto());

    private CrashMedia written(String... versions) throws IOException {
        CrashMedia media = new CrashMedia(new CrashGeometry(SECTOR, SECTOR, SECTOR, SECTOR));
        for (String version : versions) {
            write(media, bytes(version));
            if (version.equals(versions[0])) {
                media.flush();
            }
        }
        return media;
    }

    private void write(CrashMedia media, byte[] bytes) throws IOException {
        buffer.segment().asByteBuffer().put(bytes);
        media.write(0, buffer, 0, SECTOR);
    }

    private static byte[] bytes(String letters) {
        byte[] bytes = new byte[SECTOR];
        for (int word = 0; word < WORDS; word++) {
            Arrays.fill(bytes, word * Long.BYTES, (word + 1) * Long.BYTES, (byte) letters.charAt(word));
        }
        return bytes;
    }

    /** All images with so many masks, in the order in which they come. */
    private static List<String> all(CrashMedia media, CrashModel model, int masks) {
        List<String> images = new ArrayList<>();
        ChoiceTree tree = new ChoiceTree(masks, Integer.MAX_VALUE);
        do {
            byte[] bytes = media.crash(media.events(), model, tree).sector(0);
            StringBuilder letters = new StringBuilder();
            for (int word = 0; word < WORDS; word++) {
                byte first = bytes[word * Long.BYTES];
                letters.append(first >= '.' ? "" + (char) first : "!");
            }
            images.add(letters.toString());
        } while (tree.next());
        return images;
    }

    @Test
    void aSectorIsTornWhereItsVersionsDiffer() throws IOException {
        // Three words differ: two places, from either side. Of two words each tear by a mask is one from a side.
        assertThat(all(written("aaaaaaaa", "abaabbaa"), CrashModel.WORDS, 1))
                .startsWith("abaabbaa", "abaaaaaa", "abaabaaa", "aaaabbaa", "aaaaabaa")
                .endsWith("aaaaaaaa")
                .hasSize(7);
        assertThat(all(written("aaaaaaaa", "abaaabaa"), CrashModel.WORDS, 1))
                .containsExactly("abaaabaa", "abaaaaaa", "aaaaabaa", "aaaaaaaa");
        assertThat(all(written("aaaaaaaa", "aaaaabaa"), CrashModel.WORDS, 1)).containsExactly("aaaaabaa", "aaaaaaaa");
    }

    @Test
    void ofThreeVersionsEachPairIsTornOnce() throws IOException {
        assertThat(all(written("aaaaaaaa", "bbaaaaaa", "ccaaaaaa"), CrashModel.WORDS, 1))
                .containsExactlyInAnyOrder(
                        "aaaaaaaa",
                        "bbaaaaaa",
                        "ccaaaaaa",
                        "cbaaaaaa",
                        "bcaaaaaa",
                        "caaaaaaa",
                        "acaaaaaa",
                        "baaaaaaa",
                        "abaaaaaa");
    }

    @Test
    void whatNoVersionHasAPartInComesOnce() throws IOException {
        CrashModel garbage = new CrashModel(CrashModel.Survival.SECTORS, false, true, true, 1);
        // Two versions, three fillings, and either version with other bytes.
        assertThat(all(written("aaaaaaaa", "bbbbbbbb"), garbage, 1)).hasSize(2 + 3 + 2);
    }

    @Test
    void garbageOverGarbageDoesNotBringBackWhatWasThere() throws IOException {
        byte[] sound = bytes("abcdefgh");
        byte[] bytes = sound;
        for (int crash = 0; crash < 8; crash++) {
            CrashMedia media = new CrashMedia(new CrashGeometry(SECTOR, SECTOR, SECTOR, SECTOR));
            write(media, bytes);
            bytes = media.crash(media.events(), CrashModel.GARBAGE, Deviations.parse("d0=4,x0=3"))
                    .sector(0);
            for (int i = 0; i < SECTOR; i++) {
                assertThat(bytes[i]).isNotEqualTo(sound[i]);
            }
        }
    }
}
