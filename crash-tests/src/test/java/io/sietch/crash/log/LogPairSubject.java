package io.sietch.crash.log;

import io.sietch.crash.CrashSubject;
import io.sietch.crash.Deed;
import io.sietch.crash.Life;
import io.sietch.crash.RecycledMemory;
import java.io.IOException;
import java.util.List;

/**
 * Two logs in two areas of one medium, which do the same one after the other and share the number that their checksums
 * are bound to: the area alone keeps them apart.
 */
final class LogPairSubject implements CrashSubject<LogPairSubject.Found, LogOp> {
    /** What the two logs hold. */
    record Found(LogState first, LogState second) {}

    private final LogSubject first;
    private final LogSubject second;

    LogPairSubject(String workload) {
        first = new LogSubject(workload).inHalf(0);
        second = new LogSubject(workload).inHalf(1);
    }

    @Override
    public Found open(Life<LogOp> life) throws IOException {
        RecycledMemory memory = RecycledMemory.ofThisThread();
        return new Found(first.open(life, memory), second.open(life, memory));
    }

    @Override
    public void work(Life<LogOp> life) throws IOException {
        first.work(life);
        second.work(life);
    }

    @Override
    public void check(Found before, List<Deed<LogOp>> deeds, Found after) {
        int area = first.area();
        LogState.check(before.first, of(deeds, area), after.first);
        LogState.check(before.second, of(deeds, area + 1), after.second);
    }

    private static List<Deed<LogOp>> of(List<Deed<LogOp>> deeds, int area) {
        return deeds.stream().filter(deed -> deed.operation().area() == area).toList();
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}
