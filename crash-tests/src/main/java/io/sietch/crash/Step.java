package io.sietch.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** One crash: where, and what it left. */
record Step(CrashPoint point, Deviations deviations) {
    static String token(List<Step> steps) {
        return steps.stream().map(step -> step.point + ":" + step.deviations).collect(Collectors.joining("/"));
    }

    /** The same, to be replayed. */
    Step recorded() {
        return new Step(point, deviations.recorded());
    }

    static List<Step> parse(String token) {
        List<Step> steps = new ArrayList<>();
        for (String part : token.split("/", -1)) {
            int colon = part.indexOf(':');
            if (colon < 0) {
                throw new IllegalArgumentException("no replay token: \"" + token + "\"");
            }
            steps.add(
                    new Step(CrashPoint.parse(part.substring(0, colon)), Deviations.parse(part.substring(colon + 1))));
        }
        return steps;
    }
}
