package io.sietch.crash;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of one crash, by what they are about. Those that are 0, "as if nothing had gone wrong", go without
 * saying. Recorded from other choices while these last, and replayed by lookup, so that the order of reading does not
 * matter.
 */
final class Deviations implements Choices {
    /** None, to be replayed. */
    static final Deviations NONE = new Deviations(null);

    /** Sums of these stay numbers, which two infinities, one subtracted from the other, would not. */
    static final double REPRESENTED_MAX = 1e290;

    private record Key(Decision decision, long subject) {}

    private final @Nullable Choices origin;
    private final Map<Key, Integer> chosen = new LinkedHashMap<>();
    private int asked;
    private double represented = 1;

    private Deviations(@Nullable Choices origin) {
        this.origin = origin;
    }

    /** Takes note of what the other choices say. */
    static Deviations of(Choices origin) {
        return new Deviations(origin);
    }

    @Override
    public int choose(Decision decision, long subject, int options) {
        represent(options);
        return origin == null
                ? replayed(decision, subject, options)
                : noted(decision, subject, origin.choose(decision, subject, options));
    }

    @Override
    public int chooseAmong(Decision decision, long subject, int options, Supplier<int[]> distinct) {
        represent(options);
        return origin == null
                ? replayed(decision, subject, options)
                : noted(decision, subject, origin.chooseAmong(decision, subject, options, distinct));
    }

    private void represent(int options) {
        represented = Math.min(represented * options, REPRESENTED_MAX);
    }

    private int replayed(Decision decision, long subject, int options) {
        asked++;
        return Math.min(chosen.getOrDefault(new Key(decision, subject), 0), options - 1);
    }

    private int noted(Decision decision, long subject, int answer) {
        asked++;
        if (answer != 0) {
            chosen.put(new Key(decision, subject), answer);
        }
        return answer;
    }

    /** How many decisions were asked for. */
    int asked() {
        return asked;
    }

    /** How many images these decisions could have made, counted up to {@link #REPRESENTED_MAX}. */
    double represented() {
        return represented;
    }

    /** How many decisions deviate. */
    int size() {
        return chosen.size();
    }

    /** The same, to be replayed. */
    Deviations recorded() {
        return without(-1);
    }

    /** The same without the deviation at that place, to be replayed. */
    Deviations without(int place) {
        Deviations fewer = new Deviations(null);
        int at = 0;
        for (Map.Entry<Key, Integer> entry : chosen.entrySet()) {
            if (at++ != place) {
                fewer.chosen.put(entry.getKey(), entry.getValue());
            }
        }
        return fewer;
    }

    /** Hash of the decisions alone. */
    long fingerprint() {
        long hash = 0;
        for (Map.Entry<Key, Integer> entry : chosen.entrySet()) {
            Key key = entry.getKey();
            hash += RandomChoices.mix(RandomChoices.mix(key.subject * 31 + key.decision.ordinal()) + entry.getValue());
        }
        return hash;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        chosen.forEach((key, value) -> text.append(text.isEmpty() ? "" : ",")
                .append(key.decision.letter())
                .append(key.subject)
                .append('=')
                .append(value));
        return text.toString();
    }

    static Deviations parse(String text) {
        Deviations deviations = new Deviations(null);
        if (text.isEmpty()) {
            return deviations;
        }
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            deviations.chosen.put(
                    new Key(Decision.of(part.charAt(0)), Long.parseLong(part.substring(1, equals))),
                    Integer.parseInt(part.substring(equals + 1)));
        }
        return deviations;
    }
}
