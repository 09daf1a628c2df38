package io.sietch.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Plays a script against a {@link Stack}, in virtual time. A line is one of
 *
 * <pre>
 *   +MILLIS                                            time passes
 *   &lt; FLAGS SEQ(LENGTH) [ack N] win N [OPTIONS]        a segment comes from the peer
 *   &lt; icmp CODE SEQ                                    word comes that a segment of ours was not delivered
 *   &gt; FLAGS SEQ(LENGTH) [ack N] [win N] [OPTIONS] [xN] the stack has sent this next, N of them in a row
 *   ! ACTION                                           the application does or expects something
 *   quiet                                              the stack has sent nothing more
 * </pre>
 *
 * <p>Each may stand behind a {@code +MILLIS}; then a segment must have been sent at that moment, give or take two
 * ticks. Flags are those of S F R P U and a dot for ACK, {@code 0} for none. Numbers of the peer are as written; ours
 * count from our SYN. Options: {@code mss N}, {@code ws N}, {@code sackok}, {@code ts VALUE ECHO}, {@code sack L-R
 * ...}, {@code raw HEX}; of a segment that comes also {@code damaged}. Of what was sent only those that are named are
 * compared, {@code -} says that there are none. A segment that does not fit to the next line ends the script.
 *
 * <p>The peer's segments carry bytes that say where in the stream they are, and so do the application's.
 */
final class Script {
    /** Frames of 1054 bytes carry at most 1000 bytes of data. */
    static final StackOptions OPTIONS = StackOptions.DEFAULTS.withBuffers(1 << 16, 1 << 16);

    private static final int BUFFERS = 64;
    static final int US = 0x0A000001;
    static final int PEER = 0x0A000002;
    private static final int PORT = 80;
    private static final int PEER_PORT = 5000;
    private static final int URGENT = 32;
    private static final long MILLI = 1_000_000L;
    private static final Pattern SEGMENT =
            Pattern.compile("([SFRPU.0]+) (-?\\d+)\\((\\d+)\\)(?: ack (-?\\d+))?(?: win (\\d+))?(?: (.*))?");

    private static final Pattern TIMES = Pattern.compile("(\\S+) (-?\\d+)\\((\\d+)\\)(.*?) x(\\d+)");

    private record Sent(byte[] frame, long at) {}

    private record Numbers(int iss, boolean issKnown, int tsBase, boolean tsKnown) {}

    final TestLink link;
    final Stack stack;
    private final ArrayDeque<Sent> sent = new ArrayDeque<>();
    private @Nullable TcpConnection connection;
    private final TcpListener listener;
    private final Map<Integer, Numbers> byPort = new HashMap<>();
    private int connectPort = PEER_PORT;
    private int ourPort = PORT;
    private int iss;
    private boolean issKnown;
    private long now = 1_000 * MILLI;
    private int tsBase;
    private boolean tsKnown;
    private int told;
    private String line = "";

    Script(StackOptions options, int frameBytes) {
        link = new TestLink(frameBytes, BUFFERS);
        stack = new Stack(link, US, options, new Random(1), now);
        listener = stack.listen(PORT, this::changed);
        poll();
    }

    private static byte[] arp() {
        byte[] arp = new byte[42];
        MemorySegment frame = MemorySegment.ofArray(arp);
        EthernetFormat.write(frame, 0, TestLink.MAC, TestLink.PEER_MAC, EthernetFormat.ARP);
        ArpFormat.write(frame, 14, ArpFormat.REPLY, TestLink.PEER_MAC, PEER, TestLink.MAC, US);
        return arp;
    }

    private void changed(TcpConnection changed) {
        connection = changed;
        told++;
    }

    /** Nothing may be missing in the end. */
    void finish() {
        assertThat(link.freeBuffers()).as("buffers").isEqualTo(BUFFERS);
    }

    void step(String text) {
        line = text;
        String rest = text;
        if (rest.startsWith("+")) {
            String number = rest.split(" ")[0];
            pass(Long.parseLong(number.substring(1)));
            rest = rest.substring(number.length()).strip();
        }
        if (rest.startsWith("<")) {
            assertThat(sent)
                    .as("sent before: %s", line)
                    .extracting(this::describe)
                    .isEmpty();
            link.put(rest.startsWith("< icmp") ? unreachable(rest.split(" ")) : segment(rest.substring(2)));
            poll();
        } else if (rest.startsWith(">")) {
            expectAll(rest.substring(2), text.startsWith("+"));
        } else if (rest.startsWith("!")) {
            act(rest.substring(2).split(" "));
        } else if (rest.equals("quiet")) {
            assertThat(sent).as(line).extracting(this::describe).isEmpty();
        } else {
            assertThat(rest).as("cannot read: %s", text).isEmpty();
        }
    }

    // ---- time -------------------------------------------------------------------------------------------------------

    private void pass(long millis) {
        long until = now + millis * MILLI;
        while (now < until) {
            long idle = stack.idleNanos(now);
            now = Math.min(until, idle == Long.MAX_VALUE ? until : now + Math.max(1, idle));
            poll();
        }
    }

    private void poll() {
        boolean busy = true;
        while (busy) {
            int work = stack.poll(now);
            List<byte[]> frames = link.take();
            frames.forEach(this::collect);
            busy = work > 0 || !frames.isEmpty();
        }
    }

    private void collect(byte[] frame) {
        MemorySegment memory = MemorySegment.ofArray(frame);
        if (EthernetFormat.type(memory, 0) == EthernetFormat.IPV4) {
            checkIp(memory, frame.length);
            sent.add(new Sent(frame, now));
        } else if (ArpFormat.operation(memory, 14) == ArpFormat.REQUEST) {
            link.put(arp());
        }
    }

    /** Whatever is sent has to be well-formed. */
    private void checkIp(MemorySegment frame, int length) {
        assertThat(Ipv4Format.isIntact(frame, 14)).isTrue();
        assertThat(Ipv4Format.totalBytes(frame, 14)).isEqualTo(length - 14);
        long sum = InternetChecksum.ofPseudoHeader(US, PEER, Ipv4Format.protocol(frame, 14), length - 34);
        assertThat(InternetChecksum.finish(sum + InternetChecksum.sum(frame, 34, length - 34)))
                .as("checksum after %s", line)
                .isZero();
    }

    // ---- segments ---------------------------------------------------------------------------------------------------

    private static int flags(String text) {
        int flags = 0;
        for (char each : text.toCharArray()) {
            flags |= switch (each) {
                case 'S' -> TcpFormat.SYN;
                case 'F' -> TcpFormat.FIN;
                case 'R' -> TcpFormat.RST;
                case 'P' -> TcpFormat.PSH;
                case 'U' -> URGENT;
                case '0' -> 0;
                default -> TcpFormat.ACK;
            };
        }
        return flags;
    }

    private Matcher parse(String text) {
        Matcher matcher = SEGMENT.matcher(text.strip());
        assertThat(matcher.matches()).as("cannot read: %s", line).isTrue();
        return matcher;
    }

    private byte[] segment(String text) {
        Matcher parsed = parse(text);
        String given = parsed.group(6);
        boolean damaged = given != null && given.endsWith("damaged");
        byte[] options = options(damaged ? null : given);
        int length = Integer.parseInt(parsed.group(3));
        int header = TcpFormat.BYTES + options.length;
        byte[] bytes = new byte[34 + header + length];
        MemorySegment frame = MemorySegment.ofArray(bytes);
        EthernetFormat.write(frame, 0, TestLink.MAC, TestLink.PEER_MAC, EthernetFormat.IPV4);
        Ipv4Format.write(frame, 14, header + length, 0, Ipv4Format.TCP, PEER, US);
        int sequence = Integer.parseInt(parsed.group(2));
        int ack = parsed.group(4) == null ? 0 : iss + Integer.parseInt(parsed.group(4));
        int window = parsed.group(5) == null ? 0xFFFF : Integer.parseInt(parsed.group(5));
        TcpFormat.write(frame, 34, connectPort, ourPort, sequence, ack, header, flags(parsed.group(1)), window);
        MemorySegment.copy(MemorySegment.ofArray(options), 0, frame, 54, options.length);
        int data = sequence + ((flags(parsed.group(1)) & TcpFormat.SYN) == 0 ? 0 : 1);
        for (int i = 0; i < length; i++) {
            bytes[34 + header + i] = (byte) (data + i);
        }
        long sum = InternetChecksum.ofPseudoHeader(PEER, US, Ipv4Format.TCP, header + length);
        int right = InternetChecksum.finish(sum + InternetChecksum.sum(frame, 34, header + length));
        NetBytes.put16(frame, 50, damaged ? right ^ 1 : right);
        return bytes;
    }

    /** ICMP's "unreachable", with the beginning of a segment of ours. */
    private byte[] unreachable(String[] words) {
        byte[] bytes = new byte[34 + 8 + 28];
        MemorySegment frame = MemorySegment.ofArray(bytes);
        EthernetFormat.write(frame, 0, TestLink.MAC, TestLink.PEER_MAC, EthernetFormat.IPV4);
        Ipv4Format.write(frame, 14, 36, 0, Ipv4Format.ICMP, PEER, US);
        Ipv4Format.write(frame, 42, 1000, 0, Ipv4Format.TCP, US, PEER);
        NetBytes.put32(frame, 62, ourPort << 16 | connectPort);
        NetBytes.put32(frame, 66, iss + Integer.parseInt(words[3]));
        IcmpFormat.write(frame, 34, IcmpFormat.UNREACHABLE, Integer.parseInt(words[2]), 36);
        return bytes;
    }

    private byte[] options(@Nullable String text) {
        ByteBuffer options = ByteBuffer.allocate(40);
        if (text != null) {
            for (String each : text.split(", *")) {
                String[] words = each.split(" ");
                switch (words[0]) {
                    case "mss" -> options.put((byte) 2).put((byte) 4).putShort((short) Integer.parseInt(words[1]));
                    case "ws" -> options.put((byte) 3).put((byte) 3).put((byte) Integer.parseInt(words[1]));
                    case "sackok" -> options.put((byte) 4).put((byte) 2);
                    case "ts" ->
                        options.put((byte) 8)
                                .put((byte) 10)
                                .putInt(Integer.parseInt(words[1]))
                                .putInt(tsBase + Integer.parseInt(words[2]));
                    case "sack" -> {
                        options.put((byte) 5).put((byte) (2 + 8 * (words.length - 1)));
                        for (int i = 1; i < words.length; i++) {
                            String[] edges = words[i].split("-");
                            options.putInt(iss + Integer.parseInt(edges[0])).putInt(iss + Integer.parseInt(edges[1]));
                        }
                    }
                    case "raw" -> options.put(HexFormat.of().parseHex(words[1]));
                    default -> throw new IllegalArgumentException(each);
                }
            }
        }
        while (options.position() % 4 != 0) {
            options.put((byte) 1);
        }
        return Arrays.copyOf(options.array(), options.position());
    }

    /** With {@code xN} each segment begins where the one before it ended. */
    private void expectAll(String text, boolean timed) {
        Matcher times = TIMES.matcher(text.strip());
        if (!times.matches()) {
            expect(text, timed);
            return;
        }
        int sequence = Integer.parseInt(times.group(2));
        int length = Integer.parseInt(times.group(3));
        for (int i = Integer.parseInt(times.group(5)); i > 0; i--) {
            expect(times.group(1) + " " + sequence + "(" + length + ")" + times.group(4), timed);
            sequence += length;
        }
    }

    private void expect(String text, boolean timed) {
        Sent next = Objects.requireNonNull(sent.poll(), () -> "nothing was sent for: " + line);
        Matcher parsed = parse(text);
        TcpSegment got = new TcpSegment();
        MemorySegment frame = MemorySegment.ofArray(next.frame);
        assertThat(got.parse(frame, 34, next.frame.length - 34)).isTrue();
        if (got.has(TcpFormat.SYN) && !issKnown) {
            issKnown = true;
            iss = got.sequence;
            ourPort = got.sourcePort;
        }
        if (got.hasTimestamps && !tsKnown) {
            tsKnown = true;
            tsBase = got.timestamp;
        }
        String wanted = parsed.group(1) + " " + parsed.group(2) + "(" + parsed.group(3) + ")"
                + (parsed.group(4) == null ? "" : " ack " + parsed.group(4))
                + (parsed.group(5) == null ? "" : " win " + parsed.group(5));
        StringBuilder is = new StringBuilder(text(got));
        if (parsed.group(4) != null) {
            is.append(" ack ").append(got.acknowledgement);
        }
        if (parsed.group(5) != null) {
            is.append(" win ").append(got.window);
        }
        assertThat(is.toString()).as("line: %s", line).isEqualTo(wanted);
        if (parsed.group(6) != null) {
            assertThat(optionsOf(got, parsed.group(6)))
                    .as("line: %s", line)
                    .isEqualTo(parsed.group(6).strip());
        }
        if (timed) {
            assertThat((double) (now - next.at) / MILLI).as("ms late: %s", line).isBetween(-0.1, 2.2);
        }
        if ((got.flags & TcpFormat.RST) == 0) {
            checkPayload(got);
        }
    }

    /** The application writes bytes that say where in the stream they are. */
    private void checkPayload(TcpSegment got) {
        for (int i = 0; i < got.payloadBytes; i++) {
            byte is = got.memory.get(ValueLayout.JAVA_BYTE, got.payloadAt + i);
            assertThat(is).as("payload at %d: %s", i, line).isEqualTo((byte) (got.sequence - iss - 1 + i));
        }
    }

    private String text(TcpSegment got) {
        String letters = (got.has(TcpFormat.SYN) ? "S" : "")
                + (got.has(TcpFormat.FIN) ? "F" : "")
                + (got.has(TcpFormat.RST) ? "R" : "")
                + (got.has(TcpFormat.PSH) ? "P" : "")
                + (got.has(TcpFormat.ACK) ? "." : "");
        int base = issKnown && got.sequence != 0 ? iss : 0;
        return letters + " " + (got.sequence - base) + "(" + got.payloadBytes + ")";
    }

    private String optionsOf(TcpSegment got, String wanted) {
        List<String> options = new ArrayList<>();
        if (got.mss >= 0 && wanted.contains("mss")) {
            options.add("mss " + got.mss);
        }
        if (got.scale >= 0 && wanted.contains("ws")) {
            options.add("ws " + got.scale);
        }
        if (got.sackPermitted && wanted.contains("sackok")) {
            options.add("sackok");
        }
        if (got.hasTimestamps && wanted.contains("ts")) {
            options.add("ts " + (got.timestamp - tsBase) + " " + got.timestampEcho);
        }
        if (got.blocks > 0) {
            StringBuilder blocks = new StringBuilder("sack");
            for (int i = 0; i < got.blocks; i++) {
                blocks.append(' ').append(got.lefts[i]).append('-').append(got.rights[i]);
            }
            options.add(blocks.toString());
        }
        boolean none = got.mss < 0 && got.scale < 0 && !got.sackPermitted && !got.hasTimestamps && got.blocks == 0;
        return wanted.strip().equals("-") ? (none ? "-" : "some") : String.join(", ", options);
    }

    private String describe(Sent each) {
        MemorySegment frame = MemorySegment.ofArray(each.frame);
        TcpSegment got = new TcpSegment();
        return Ipv4Format.protocol(frame, 14) == Ipv4Format.TCP && got.parse(frame, 34, each.frame.length - 34)
                ? text(got) + " ack " + got.acknowledgement + " at " + each.at / MILLI
                : "not TCP";
    }

    // ---- the application --------------------------------------------------------------------------------------------

    TcpConnection connection() {
        return Objects.requireNonNull(connection, line);
    }

    private void act(String[] words) {
        switch (words[0]) {
            case "connect" -> {
                connection = stack.connect(PEER, PEER_PORT, this::changed);
                poll();
            }
            case "write" -> write(Integer.parseInt(words[1]));
            case "read" -> read(Integer.parseInt(words[1]));
            case "finish" -> {
                connection().finish();
                poll();
            }
            case "close" -> {
                connection().close();
                poll();
            }
            case "abort" -> {
                connection().abort();
                poll();
            }
            case "state" -> assertThat(connection().state()).as(line).isEqualTo(TcpState.valueOf(words[1]));
            case "end" -> assertThat(connection().end()).as(line).isEqualTo(TcpEnd.valueOf(words[1]));
            case "available" -> assertThat(connection().available()).as(line).isEqualTo(Integer.parseInt(words[1]));
            case "ended" -> assertThat(connection().isAtEnd()).as(line).isTrue();
            case "room" -> assertThat(connection().room()).as(line).isEqualTo(Integer.parseInt(words[1]));
            case "connections" -> assertThat(stack.connections()).as(line).isEqualTo(Integer.parseInt(words[1]));
            case "told" -> {
                assertThat(told).as(line).isEqualTo(Integer.parseInt(words[1]));
                told = 0;
            }
            case "port" -> port(Integer.parseInt(words[1]));
            case "same" -> connectPort = Integer.parseInt(words[1]);
            case "forget" -> sent.clear();
            case "flood" -> flood(Integer.parseInt(words[1]));
            case "count" -> assertThat(count(words[1])).as(line).isEqualTo(Long.parseLong(words[2]));
            case "unheard" -> listener.close();
            case "gone" -> {
                stack.peerGone(PEER);
                poll();
            }
            case "dry" -> link.dry(true);
            case "wet" -> {
                link.dry(false);
                poll();
            }
            case "to" -> ourPort = Integer.parseInt(words[1]);
            case "again" -> {
                issKnown = false;
                tsKnown = false;
            }
            default -> throw new IllegalArgumentException(line);
        }
    }

    /** From now on the peer is at another port; what is known of the connection there is remembered. */
    private void port(int port) {
        byPort.put(connectPort, new Numbers(iss, issKnown, tsBase, tsKnown));
        connectPort = port;
        Numbers known = byPort.getOrDefault(port, new Numbers(0, false, 0, false));
        iss = known.iss;
        issKnown = known.issKnown;
        tsBase = known.tsBase;
        tsKnown = known.tsKnown;
    }

    /** SYNs from so many ports, whose answers nobody looks at. */
    private void flood(int syns) {
        for (int i = 0; i < syns; i++) {
            connectPort = PEER_PORT + i;
            link.put(segment("S 0(0) win 20000 mss 1000"));
            poll();
        }
        sent.clear();
    }

    private long count(String name) {
        try {
            return (long) StackCounters.class.getMethod(name).invoke(stack.counters());
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(line, e);
        }
    }

    private int written;

    private void write(int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        for (int i = 0; i < length; i++) {
            bytes.put((byte) (written + i));
        }
        int taken = connection().write(bytes.flip());
        written += taken;
        assertThat(taken).as(line).isEqualTo(length);
        poll();
    }

    private int readSoFar;

    private void read(int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        assertThat(connection().read(bytes)).as(line).isEqualTo(length);
        for (int i = 0; i < length; i++) {
            assertThat(bytes.get(i)).as("byte %d of %s", i, line).isEqualTo((byte) (readSoFar + i + 1));
        }
        readSoFar += length;
        poll();
    }
}
