package io.sietch.crash.mutant;

import io.sietch.crash.torture.Hunt;
import io.sietch.crash.torture.Prey;
import java.util.List;

/** Mistakes in the queue. */
final class QueueMutants {
    private QueueMutants() {}

    static List<MutantCase> all() {
        return List.of(new MutantCase(
                Mutant.of(
                        "an item that waited is not checked again",
                        "io.sietch.persistent.QueueReader",
                        "check",
                        Edit.skipCall("recheck", 0),
                        1),
                Prey.QUEUE,
                Hunt.DAMAGE,
                "round"));
    }
}
