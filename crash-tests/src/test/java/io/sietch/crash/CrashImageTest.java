package io.sietch.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsic.DmaBuffer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Each model makes only images that it allows, and all of them. Sectors are written as one letter for each. */
class CrashImageTest {
    private static final int SECTOR = 16;

    private final DmaBuffer buffer = DmaBuffer.allocate(4 * SECTOR, SECTOR, Arena.ofAuto());

    private CrashMedia media(int sectors) {
        return new CrashMedia(new CrashGeometry(sectors * SECTOR, sectors * SECTOR, SECTOR, SECTOR));
    }

    private void write(CrashMedia media, int sector, String letters) throws IOException {
        for (int i = 0; i < letters.length(); i++) {
            buffer.segment().asSlice((long) i * SECTOR, SECTOR).fill((byte) letters.charAt(i));
        }
        media.write((long) sector * SECTOR, buffer, 0, letters.length() * SECTOR);
    }

    private static String content(CrashImage image) {
        StringBuilder text = new StringBuilder();
        for (int s = 0; s < image.size() / SECTOR; s++) {
            byte[] bytes = image.sector(s);
            for (byte each : bytes) {
                assertThat(each).as("undamaged sectors hold one version").isEqualTo(bytes[0]);
            }
            text.append(bytes[0] == 0 ? '.' : (char) bytes[0]);
        }
        return text.toString();
    }

    private static Set<String> all(CrashMedia media, int events, CrashModel model) {
        Set<String> images = new TreeSet<>();
        ChoiceTree tree = new ChoiceTree();
        do {
            images.add(content(media.crash(events, model, tree)));
        } while (tree.next());
        return images;
    }

    private static Set<String> all(CrashMedia media, CrashModel model) {
        return all(media, media.events(), model);
    }

    @Test
    void eachSectorSurvivesForItself() throws IOException {
        CrashMedia media = media(3);
        write(media, 0, "ab");
        write(media, 1, "cd");
        assertThat(all(media, CrashModel.SECTORS))
                .containsExactlyInAnyOrder(
                        "...", "a..", ".b.", ".c.", "..d", "ab.", "ac.", "a.d", ".bd", ".cd", "abd", "acd");
    }

    @Test
    void commandsSurviveWholeAndTheNewestShows() throws IOException {
        CrashMedia media = media(3);
        write(media, 0, "ab");
        write(media, 1, "cd");
        assertThat(all(media, CrashModel.COMMANDS)).containsExactlyInAnyOrder("...", "ab.", ".cd", "acd");
    }

    @Test
    void aPrefixOfTheCommandsSurvives() throws IOException {
        CrashMedia media = media(3);
        write(media, 0, "ab");
        write(media, 1, "cd");
        write(media, 0, "e");
        assertThat(all(media, CrashModel.PREFIX)).containsExactlyInAnyOrder("...", "ab.", "acd", "ecd");
    }

    @Test
    void whatAKilledProcessWroteComesBeforeWhatTheNextOneWrites() throws IOException {
        CrashMedia killed = media(3);
        write(killed, 0, "a");
        write(killed, 1, "b");
        CrashMedia media = killed.kill(2);
        write(media, 2, "c");
        assertThat(all(media, CrashModel.PREFIX)).containsExactlyInAnyOrder("...", "a..", "ab.", "abc");
        media.flush();
        assertThat(all(media, CrashModel.PREFIX)).containsExactly("abc");
    }

    @Test
    void aFlushSettlesWhatWasWrittenBeforeIt() throws IOException {
        for (CrashModel model : List.of(CrashModel.PREFIX, CrashModel.COMMANDS, CrashModel.SECTORS)) {
            CrashMedia media = media(2);
            write(media, 0, "ab");
            media.flush();
            assertThat(all(media, model)).containsExactly("ab");
            write(media, 0, "c");
            assertThat(all(media, model)).containsExactlyInAnyOrder("ab", "cb");
        }
    }

    @Test
    void thePastCanCrashLater() throws IOException {
        CrashMedia media = media(1);
        write(media, 0, "a");
        media.flush();
        write(media, 0, "b");
        media.flush();
        assertThat(IntStream.rangeClosed(0, 4).mapToObj(n -> String.join("", all(media, n, CrashModel.SECTORS))))
                .containsExactly(".", ".a", "a", "ab", "b");
    }

    @Test
    void aDeallocatedSectorMayHoldWhatItHeldEvenAfterAFlush() throws IOException {
        CrashMedia media = media(1);
        write(media, 0, "a");
        media.flush();
        media.deallocate(0, SECTOR);
        media.flush();
        assertThat(all(media, CrashModel.SECTORS)).containsExactlyInAnyOrder(".", "a");
    }

    @Test
    void tornSectorsHoldWordsOfTwoVersionsInEveryWay() throws IOException {
        CrashMedia media = media(1);
        write(media, 0, "a");
        Set<String> images = new TreeSet<>();
        ChoiceTree tree = new ChoiceTree();
        int runs = 0;
        do {
            byte[] bytes = media.crash(CrashModel.WORDS, tree).sector(0);
            images.add("" + word(bytes, 0) + word(bytes, 8));
        } while (tree.next() && ++runs < 1000);
        assertThat(images).containsExactlyInAnyOrder("..", ".a", "a.", "aa");
    }

    private static char word(byte[] bytes, int at) {
        for (int i = at; i < at + 8; i++) {
            assertThat(bytes[i]).as("words are whole").isEqualTo(bytes[at]);
        }
        return bytes[at] == 0 ? '.' : (char) bytes[at];
    }

    @Property(tries = 200)
    void garbageStaysWhereWritingWentOn(@ForAll long seed) throws IOException {
        // Blocks of half a sector: the other half was durable.
        CrashMedia media = new CrashMedia(new CrashGeometry(SECTOR, SECTOR, SECTOR / 2, SECTOR));
        buffer.segment().asSlice(0, SECTOR).fill((byte) 'a');
        media.write(0, buffer, 0, SECTOR);
        media.flush();
        buffer.segment().asSlice(0, SECTOR).fill((byte) 'b');
        media.write(SECTOR / 2, buffer, 0, SECTOR / 2);
        byte[] safe = media.crash(CrashModel.GARBAGE, Choices.random(seed)).sector(0);
        for (int i = 0; i < SECTOR / 2; i++) {
            assertThat(safe[i]).isEqualTo((byte) 'a');
        }
    }

    @Test
    void garbageTakesTheWholeSectorWithoutPowersafeOverwrite() throws IOException {
        CrashMedia media = new CrashMedia(new CrashGeometry(SECTOR, SECTOR, SECTOR / 2, SECTOR));
        buffer.segment().asSlice(0, SECTOR).fill((byte) 'a');
        media.write(0, buffer, 0, SECTOR);
        media.flush();
        media.write(SECTOR / 2, buffer, 0, SECTOR / 2);
        assertThat(media.crash(CrashModel.GARBAGE_SECTORS, Choices.random(1)).sector(0))
                .as("equal bytes are not contended")
                .containsOnly('a');
        buffer.segment().asSlice(0, SECTOR).fill((byte) 'b');
        media.write(SECTOR / 2, buffer, 0, SECTOR / 2);
        List<Integer> firstBytes = new ArrayList<>();
        for (int seed = 0; seed < 50; seed++) {
            firstBytes.add((int) media.crash(CrashModel.GARBAGE_SECTORS, Choices.random(seed))
                    .sector(0)[0]);
        }
        assertThat(firstBytes).contains((int) 'a').anyMatch(b -> b != 'a');
    }

    @Test
    void whatIsNotReadIsNotAskedFor() throws IOException {
        CrashMedia media = media(3);
        write(media, 0, "abc");
        List<Long> asked = new ArrayList<>();
        CrashImage image = media.crash(CrashModel.SECTORS, (decision, subject, options) -> {
            asked.add(subject);
            return 0;
        });
        image.sector(1);
        image.sector(1);
        assertThat(asked).containsExactly(1L);
    }

    @Property(tries = 100)
    void oneSeedMakesOneImageWhateverTheOrderOfReading(@ForAll long seed) throws IOException {
        CrashMedia media = media(4);
        write(media, 0, "abcd");
        write(media, 1, "ef");
        CrashImage forwards = media.crash(CrashModel.GARBAGE_SECTORS, Choices.random(seed));
        CrashImage backwards = media.crash(CrashModel.GARBAGE_SECTORS, Choices.random(seed));
        for (int s = 0; s < 4; s++) {
            forwards.sector(s);
            backwards.sector(3 - s);
        }
        for (int s = 0; s < 4; s++) {
            assertThat(forwards.sector(s)).isEqualTo(backwards.sector(s));
        }
    }

    @Test
    void anImageOfAnImageIsDecidedTogetherWithIt() throws IOException {
        CrashMedia media = media(2);
        write(media, 0, "ab");
        Set<String> images = new TreeSet<>();
        ChoiceTree tree = new ChoiceTree();
        do {
            CrashImage first = media.crash(CrashModel.SECTORS, tree);
            CrashMedia second = CrashMedia.on(first);
            write(second, 0, "c");
            images.add(content(second.crash(CrashModel.SECTORS, tree)));
        } while (tree.next());
        assertThat(images).containsExactlyInAnyOrder("..", ".b", "a.", "ab", "c.", "cb");
    }
}
