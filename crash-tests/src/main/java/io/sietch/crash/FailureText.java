package io.sietch.crash;

import io.sietch.crash.Lives.Lived;
import io.sietch.crash.Trails.Failure;
import java.util.List;
import java.util.stream.IntStream;

/** Tells of a failure. */
final class FailureText {
    private FailureText() {}

    /**
     * The failure as what is thrown.
     *
     * @param token what replays it
     * @param workload what the first line says of the workload, with a line end; may be empty
     * @param test a test that replays it, as source
     */
    static <S, O> CrashViolation violation(
            Lives<S, O> lives, Failure<S, O> failure, String token, String workload, String test) {
        CrashPlan plan = lives.plan();
        Throwable cause = failure.cause();
        StringBuilder message = new StringBuilder(plan.name())
                .append(" broke a promise: ")
                .append(cause.getMessage() == null ? cause : cause.getMessage())
                .append("\n  replay: token \"")
                .append(token)
                .append("\" with seed ")
                .append(plan.seed())
                .append(", ")
                .append(plan.model())
                .append('\n')
                .append(workload);
        for (int life = 0; life < failure.steps().size(); life++) {
            message.append(Timeline.of(
                    life, failure.lived().get(life).media(), failure.steps().get(life)));
        }
        List<Scene> scenes = IntStream.range(0, failure.steps().size())
                .mapToObj(i -> Scene.of(
                        failure.lived().get(i), plan.model(), failure.steps().get(i)))
                .toList();
        return new CrashViolation(message.toString(), token, cause, scenes, recovered(lives, failure), test);
    }

    /** What a life after the last crash finds, in words. */
    private static <S, O> String recovered(Lives<S, O> lives, Failure<S, O> failure) {
        Step last = failure.steps().getLast();
        VirtualTime time = new VirtualTime();
        Lived<S, O> lived = failure.lived().getLast();
        try {
            CrashMedia media =
                    lives.after(lived, last.point(), last.deviations().recorded(), time);
            return String.valueOf(
                    lives.live(lived.life().number() + 1, media, time, false).found());
        } catch (Exception | AssertionError e) {
            return "It does not open: " + e;
        }
    }
}
