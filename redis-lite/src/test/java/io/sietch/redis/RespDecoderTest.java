package io.sietch.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class RespDecoderTest {
    /** Requests of every form, each as it is sent and as it is to be understood. */
    private static final String[][] CORPUS = {
        {"*1\r\n$4\r\nPING\r\n", "PING"},
        {"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nv\r\n*1\r\n", "SET|k|v\r\n*1"},
        {"*2\r\n$3\r\nGET\r\n$0\r\n\r\n", "GET|"},
        {"PING\r\n", "PING"},
        {"  set  key\t\"a\\x41\\n\\\"b\" 'it\\'s'\n", "set|key|aA\n\"b|it's"},
        {"*12\r\n" + "$1\r\nx\r\n".repeat(12), "x|x|x|x|x|x|x|x|x|x|x|x"},
        {"*2\r\n$12\r\nhello, world\r\n$3\r\n\u0000\u00ff$\r\n", "hello, world|\u0000\u00ff$"},
    };

    private final Requests requests = new Requests();

    /** Feeds pieces to a decoder as a flow would: what is not consumed stays, at another address. */
    private static final class Feeder {
        final RespDecoder decoder;
        final List<String> found = new ArrayList<>();
        byte[] kept = new byte[0];
        String error = "";

        Feeder(Requests requests) {
            this.decoder = new RespDecoder(requests, 1 << 20);
        }

        void feed(byte[] piece) {
            byte[] all = new byte[kept.length + piece.length];
            System.arraycopy(kept, 0, all, 0, kept.length);
            System.arraycopy(piece, 0, all, kept.length, piece.length);
            int used = 0;
            try (Arena arena = Arena.ofConfined()) {
                // A different offset each time, and no byte to read beyond the end.
                int shift = all.length % 7;
                MemorySegment memory = arena.allocate(all.length + shift + 1L).asSlice(0, all.length + shift);
                MemorySegment.copy(all, 0, memory, ValueLayout.JAVA_BYTE, shift, all.length);
                while (used < all.length && error.isEmpty()) {
                    RespDecoder.Result result = decoder.decode(memory, shift + used, all.length - used, true);
                    if (result == RespDecoder.Result.INCOMPLETE) {
                        break;
                    }
                    if (result == RespDecoder.Result.ERROR) {
                        error = decoder.error();
                        break;
                    }
                    if (result == RespDecoder.Result.REQUEST) {
                        found.add(text(decoder.request()));
                    }
                    used += decoder.length();
                    decoder.next();
                }
            }
            kept = Arrays.copyOfRange(all, used, all.length);
        }
    }

    private static String text(Request request) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < request.count(); i++) {
            text.append(i == 0 ? "" : "|").append(new String(request.toBytes(i), ISO_8859_1));
        }
        return text.toString();
    }

    @Test
    void everyRequestIsTheSameWhereverItIsSplit() {
        StringBuilder stream = new StringBuilder();
        List<String> expected = new ArrayList<>();
        for (String[] sample : CORPUS) {
            stream.append(sample[0]);
            expected.add(sample[1]);
        }
        byte[] bytes = stream.toString().getBytes(ISO_8859_1);
        for (int split = 0; split <= bytes.length; split++) {
            Feeder feeder = new Feeder(requests);
            feeder.feed(Arrays.copyOfRange(bytes, 0, split));
            feeder.feed(Arrays.copyOfRange(bytes, split, bytes.length));
            assertThat(feeder.error).as("split at %d", split).isEmpty();
            assertThat(feeder.found).as("split at %d", split).isEqualTo(expected);
        }
    }

    @Test
    void connectionsMayBeInTheMiddleOfTheirRequestsAtTheSameTime() {
        List<Feeder> feeders = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            feeders.add(new Feeder(requests));
        }
        byte[] bytes = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\n".getBytes(ISO_8859_1);
        for (byte b : bytes) {
            feeders.forEach(feeder -> feeder.feed(new byte[] {b}));
        }
        feeders.forEach(feeder -> assertThat(feeder.found).containsExactly("SET|k|value"));
    }

    @Property(tries = 300)
    void requestsSurviveAnyCutting(@ForAll("streams") List<List<String>> sent, @ForAll long seed) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        List<String> expected = new ArrayList<>();
        for (List<String> request : sent) {
            stream.writeBytes(Wire.request(request.toArray(new String[0])));
            expected.add(String.join("|", request));
        }
        Feeder feeder = new Feeder(requests);
        Random random = new Random(seed);
        byte[] bytes = stream.toByteArray();
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(bytes.length - at, 1 + random.nextInt(40));
            feeder.feed(Arrays.copyOfRange(bytes, at, at + length));
            at += length;
        }
        assertThat(feeder.error).isEmpty();
        assertThat(feeder.found).isEqualTo(expected);
    }

    @Provide
    Arbitrary<List<List<String>>> streams() {
        Arbitrary<String> argument =
                Arbitraries.strings().withCharRange('\0', '\u00ff').ofMaxLength(30);
        return argument.list().ofMinSize(1).ofMaxSize(20).list().ofMinSize(1).ofMaxSize(10);
    }

    @Property(tries = 2000)
    void garbageEndsInAnErrorOrInRequestsButNeverInAnException(@ForAll("garbage") byte[] bytes, @ForAll long seed) {
        Feeder feeder = new Feeder(requests);
        Random random = new Random(seed);
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(bytes.length - at, 1 + random.nextInt(50));
            feeder.feed(Arrays.copyOfRange(bytes, at, at + length));
            at += length;
        }
        assertThat(feeder.kept.length).isLessThanOrEqualTo(bytes.length);
    }

    @Provide
    Arbitrary<byte[]> garbage() {
        Arbitrary<String> fragment = Arbitraries.of(
                "*",
                "$",
                "\r\n",
                "\r",
                "\n",
                "1",
                "3",
                "0",
                "-1",
                "9999999999",
                "+OK",
                " ",
                "\"",
                "'",
                "\\x",
                "PING",
                "*2\r\n",
                "$3\r\n",
                "\u0000",
                "\u00ff",
                "GET k\r\n",
                "*1\r\n$4\r\nPING\r\n");
        return Combinators.combine(
                        fragment.list().ofMaxSize(60), Arbitraries.integers().between(0, 1))
                .as((fragments, ignored) -> String.join("", fragments).getBytes(ISO_8859_1));
    }

    /** What is sent, with a tilde for a line end, and what is wrong with it. */
    private static final String[][] WRONG = {
        {"*3000000000~", "invalid multibulk length"},
        {"*1048577~", "invalid multibulk length"},
        {"*99999999999999999999~", "invalid multibulk length"},
        {"*abc~", "invalid multibulk length"},
        {"*~", "invalid multibulk length"},
        {"*01~", "invalid multibulk length"},
        {"*1 ~", "invalid multibulk length"},
        {"*\0", "invalid multibulk length"},
        {"*1\rX", "invalid multibulk length"},
        {"*1~$-10~", "invalid bulk length"},
        {"*1~$-1~", "invalid bulk length"},
        {"*1~$99999999999999999999~", "invalid bulk length"},
        {"*1~$2000000000~", "invalid bulk length"},
        {"*1~$1048577~", "invalid bulk length"},
        {"*1~$x~", "invalid bulk length"},
        {"*1~$\0", "invalid bulk length"},
        {"*1~+OK~", "expected '$', got '+'"},
        {"*1~*1~$1~a~", "expected '$', got '*'"},
        {"*1~\u0001", "expected '$', got '?'"},
        {"*2~$3~GET~$5~abc~xx", "expected CRLF after a bulk of 5 bytes"},
        {"*1~$4~PING\n\n", "expected CRLF after a bulk of 4 bytes"},
        {"*1~$4~PING\r\r", "expected CRLF after a bulk of 4 bytes"},
        {"set \"unbalanced~", "unbalanced quotes in request"},
        {"set 'a'b~", "unbalanced quotes in request"},
        {"\0", "unexpected byte 0x00 at the start of a request"},
        {"\u0016\u0003\u0001", "unexpected byte 0x16 at the start of a request"},
    };

    @Test
    void whatIsWrongIsNamedAsRedisNamesIt() {
        for (String[] sample : WRONG) {
            Feeder feeder = new Feeder(requests);
            feeder.feed(sample[0].replace("~", "\r\n").getBytes(ISO_8859_1));
            assertThat(feeder.error).as(sample[0]).isEqualTo(sample[1]);
            assertThat(feeder.found).as(sample[0]).isEmpty();
        }
    }

    /** A number with much behind it is read in another way than one at the end of what has arrived. */
    @Test
    void aNumberMeansTheSameHoweverMuchFollowsIt() {
        for (int length = 0; length <= 1100; length++) {
            Feeder feeder = new Feeder(requests);
            String value = "v".repeat(length);
            feeder.feed(("*1\r\n$" + length + "\r\n" + value + "\r\n*1\r\n$4\r\nPING\r\n").getBytes(ISO_8859_1));
            assertThat(feeder.found).containsExactly(value, "PING");
        }
        for (String number :
                new String[] {"00", "01", "09", "+1", "1x", "x1", "1 ", " 1", ":", "/", "1:", "1/", ":1"}) {
            for (String end : new String[] {"\r\n", "\rx", "x\n", "\n\r"}) {
                Feeder alone = new Feeder(requests);
                alone.feed(("*" + number + end).getBytes(ISO_8859_1));
                Feeder followed = new Feeder(requests);
                followed.feed(("*" + number + end + "$4\r\nPING\r\n").getBytes(ISO_8859_1));
                assertThat(alone.error).as(number).isEqualTo("invalid multibulk length");
                assertThat(followed.error).as(number).isEqualTo("invalid multibulk length");
            }
        }
    }

    @Test
    void emptyLinesAndArraysAreSkipped() {
        Feeder feeder = new Feeder(requests);
        feeder.feed("\r\n*0\r\n*-10\r\n\n   \r\nPING\r\n".getBytes(ISO_8859_1));
        assertThat(feeder.error).isEmpty();
        assertThat(feeder.found).containsExactly("PING");
    }

    @Test
    void anEndlessLineIsGivenUp() {
        Feeder feeder = new Feeder(requests);
        byte[] piece = "x".repeat(1000).getBytes(ISO_8859_1);
        for (int i = 0; i < 66 && feeder.error.isEmpty(); i++) {
            feeder.feed(piece);
        }
        assertThat(feeder.error).isEqualTo("too big inline request");
    }

    @Test
    void strangersMayAnnounceLittle() {
        RespDecoder decoder = new RespDecoder(requests, 1 << 20);
        MemorySegment many = Arena.ofAuto().allocateFrom("*11\r\n", ISO_8859_1);
        assertThat(decoder.decode(many, 0, 5, false)).isEqualTo(RespDecoder.Result.ERROR);
        assertThat(decoder.error()).isEqualTo("unauthenticated multibulk length");
        decoder.next();
        MemorySegment big = Arena.ofAuto().allocateFrom("*1\r\n$16385\r\n", ISO_8859_1);
        assertThat(decoder.decode(big, 0, 12, false)).isEqualTo(RespDecoder.Result.ERROR);
        assertThat(decoder.error()).isEqualTo("unauthenticated bulk length");
    }

    @Test
    void aRequestOfAMillionArgumentsInSmallPiecesIsNotReadAgainFromTheStart() {
        // Reading it again for each piece would look at 30 billion bytes; this test would not end.
        RespDecoder decoder = new RespDecoder(requests, 1 << 20);
        int arguments = RespDecoder.MAX_ARGUMENTS;
        byte[] bytes = ("*" + arguments + "\r\n" + "$1\r\nx\r\n".repeat(arguments)).getBytes(ISO_8859_1);
        MemorySegment memory = Arena.ofAuto().allocate(bytes.length);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        for (int length = 0; length < bytes.length; length += 1000) {
            assertThat(decoder.decode(memory, 0, length, true)).isEqualTo(RespDecoder.Result.INCOMPLETE);
        }
        assertThat(decoder.decode(memory, 0, bytes.length, true)).isEqualTo(RespDecoder.Result.REQUEST);
        assertThat(decoder.request().count()).isEqualTo(arguments);
        assertThat(decoder.request().toText(arguments - 1)).isEqualTo("x");
    }
}
