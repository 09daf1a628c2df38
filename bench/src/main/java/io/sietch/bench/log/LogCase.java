package io.sietch.bench.log;

import io.sietch.bench.log.LogContender.Promise;
import io.sietch.bench.report.LaneThreads;
import java.util.List;

/**
 * One question, put to several contenders.
 *
 * @param promise what holds when an append returns
 * @param threads how many append, each waiting for its own record
 * @param bytes of each record
 * @param contenders who takes part
 */
record LogCase(Promise promise, LaneThreads threads, int bytes, List<Contender> contenders) {
    String title() {
        String what = promise == Promise.DURABLE ? "durable append" : "append without waiting";
        return "%s, %d B, %s".formatted(what, bytes, threads.title());
    }
}
