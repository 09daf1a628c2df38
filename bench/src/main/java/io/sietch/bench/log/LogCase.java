package io.sietch.bench.log;

import io.sietch.bench.log.LogContender.Promise;
import java.util.List;

/**
 * One question, put to several contenders.
 *
 * @param promise what holds when an append returns
 * @param threads how many append, each waiting for its own record
 * @param bytes of each record
 * @param contenders who takes part
 */
record LogCase(Promise promise, int threads, int bytes, List<Contender> contenders) {
    String title() {
        String what = promise == Promise.DURABLE ? "durable append" : "append without waiting";
        return "%s, %d B, %d thread%s".formatted(what, bytes, threads, threads == 1 ? "" : "s");
    }
}
