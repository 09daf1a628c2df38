package io.sietch.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The scripts, as they lie in resources: a file for each topic, in it scripts that begin with a line {@code === title}.
 * Before the lines of {@link Script} there may be {@code option} lines, which say what the stack is like:
 *
 * <pre>
 *   option buffers RECEIVE SEND | connections ALL HALFOPEN | nagle
 *   option keepalive MILLIS | usertimeout MILLIS | timewait MILLIS
 *   option frame BYTES
 * </pre>
 *
 * <p>{@code with plain}, {@code with sack} and {@code with stamps} stand for handshakes, {@code repeat N} up to {@code
 * end} for that many times the same. An indented line is as one that is not.
 */
record ScriptLibrary(String topic, String title, List<String> options, List<String> lines) {
    static final List<String> TOPICS =
            List.of("opening", "data", "window", "loss", "recovery", "states", "closing", "attack");
    private static final int FRAME_BYTES = 1054;
    private static final long MILLI = 1_000_000L;

    static List<ScriptLibrary> all() {
        List<ScriptLibrary> all = new ArrayList<>();
        TOPICS.forEach(topic -> read(topic, all));
        return all;
    }

    private static void read(String topic, List<ScriptLibrary> all) {
        ScriptLibrary current = new ScriptLibrary(topic, "before the first", List.of(), new ArrayList<>());
        for (String line : text(topic).split("\n")) {
            String stripped = line.strip();
            if (stripped.startsWith("=== ")) {
                current = new ScriptLibrary(topic, stripped.substring(4), new ArrayList<>(), new ArrayList<>());
                all.add(current);
            } else if (stripped.startsWith("option ")) {
                current.options.add(stripped.substring(7));
            } else if (!stripped.isEmpty() && !stripped.startsWith("#")) {
                current.lines.add(stripped);
            }
        }
    }

    private static String text(String topic) {
        try (InputStream in = ScriptLibrary.class.getResourceAsStream("scripts/" + topic + ".script")) {
            return new String(Objects.requireNonNull(in, topic).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return topic + ": " + title;
    }

    /** Plays it; in the end nothing may be left over. */
    void play() {
        int frame = FRAME_BYTES;
        StackOptions made = Script.OPTIONS;
        for (String option : options) {
            String[] words = option.split(" ");
            if (words[0].equals("frame")) {
                frame = Integer.parseInt(words[1]);
            } else {
                made = with(made, words);
            }
        }
        Script script = new Script(made, frame);
        play(script, lines);
        script.step("quiet");
        script.finish();
    }

    private static void play(Script script, List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("repeat ")) {
                int end = i + lines.subList(i, lines.size()).indexOf("end");
                for (int times = Integer.parseInt(line.substring(7)); times > 0; times--) {
                    play(script, lines.subList(i + 1, end));
                }
                i = end;
            } else if (line.startsWith("with ")) {
                play(script, handshake(line.substring(5)));
            } else {
                script.step(line);
            }
        }
    }

    private static List<String> handshake(String name) {
        return switch (name) {
            case "plain" ->
                List.of(
                        "< S 0(0) win 20000 mss 1000",
                        "> S. 0(0) ack 1 win 65535 mss 1000",
                        "< . 1(0) ack 1 win 20000",
                        "! state ESTABLISHED",
                        "quiet");
            case "wide" ->
                List.of("< S 0(0) win 65535 mss 1000", "> S. 0(0) ack 1 mss 1000", "< . 1(0) ack 1 win 65535");
            case "sack" ->
                List.of(
                        "< S 0(0) win 20000 mss 1000, sackok",
                        "> S. 0(0) ack 1 mss 1000, sackok",
                        "< . 1(0) ack 1 win 20000");
            case "wide sack" ->
                List.of(
                        "< S 0(0) win 65535 mss 1000, sackok",
                        "> S. 0(0) ack 1 mss 1000, sackok",
                        "< . 1(0) ack 1 win 65535");
            case "stamps" ->
                List.of(
                        "< S 0(0) win 20000 mss 1000, sackok, ts 100 0",
                        "> S. 0(0) ack 1 sackok, ts 0 100",
                        "< . 1(0) ack 1 win 20000 ts 100 0");
            case "client" ->
                List.of(
                        "! connect",
                        "> S 0(0) win 65535",
                        "< S. 0(0) ack 1 win 20000 mss 1000",
                        "> . 1(0) ack 1",
                        "! state ESTABLISHED");
            default -> throw new IllegalArgumentException("with " + name);
        };
    }

    private static StackOptions with(StackOptions options, String[] words) {
        int first = words.length > 1 ? Integer.parseInt(words[1]) : 0;
        return switch (words[0]) {
            case "buffers" -> options.withBuffers(first, Integer.parseInt(words[2]));
            case "connections" -> options.withConnections(first, Integer.parseInt(words[2]));
            case "nagle" -> options.withNagle(true);
            case "keepalive" -> options.withKeepAlive(first * MILLI);
            case "usertimeout" -> options.withUserTimeout(first * MILLI);
            case "timewait" -> options.withTimeWait(first * MILLI);
            default -> throw new IllegalArgumentException("option " + words[0]);
        };
    }
}
