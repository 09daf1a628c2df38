package io.sietch.crash;

/** As other choices, but for the decision at one place: that one goes the other way. */
final class OneDeviation implements Choices {
    private final Choices others;
    private final int place;
    private int asked;

    OneDeviation(Choices others, int place) {
        this.others = others;
        this.place = place;
    }

    @Override
    public int choose(Decision decision, long subject, int options) {
        int answer = others.choose(decision, subject, options);
        if (asked++ != place) {
            return answer;
        }
        return answer == 0 ? options - 1 : 0;
    }
}
