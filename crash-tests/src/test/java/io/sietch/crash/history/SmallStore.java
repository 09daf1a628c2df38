package io.sietch.crash.history;

import io.sietch.crash.CrashSubject;
import io.sietch.crash.Deed;
import io.sietch.crash.Life;
import io.sietch.crash.Prefixes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A store of texts, in the way that had the mistake or in the way that has not. */
abstract class SmallStore implements CrashSubject<List<String>, String> {
    final boolean repaired;
    final List<String> texts = new ArrayList<>();
    private @Nullable Disk disk;

    SmallStore(boolean repaired) {
        this.repaired = repaired;
    }

    final Disk disk() {
        if (disk == null) {
            throw new IllegalStateException("not open");
        }
        return disk;
    }

    /** Fills {@link #texts} with what is there. */
    abstract void recover() throws IOException;

    /**
     * Adds a text behind {@link #texts}, which has it already.
     *
     * @return how many texts may be acknowledged now
     */
    abstract int add(String text) throws IOException;

    /** What adding makes of the texts. */
    List<String> after(List<String> before, String text) {
        List<String> after = new ArrayList<>(before);
        after.add(text);
        return after;
    }

    /** What a workload adds: a long text too, so that it takes several sectors. */
    List<String> workload(int life) {
        return List.of("a" + life, "b".repeat(1200) + life, "c" + life);
    }

    @Override
    public final List<String> open(Life<String> life) throws IOException {
        disk = new Disk(life.media());
        // What reads show may have survived in a cache alone.
        disk.flush();
        recover();
        return List.copyOf(texts);
    }

    @Override
    public final void work(Life<String> life) throws IOException {
        int before = texts.size();
        int acknowledged = before;
        for (String text : workload(life.number())) {
            life.attempt(text);
            texts.add(text);
            int sure = add(text);
            for (; acknowledged < sure; acknowledged++) {
                life.acknowledge(acknowledged - before);
            }
        }
    }

    @Override
    public final void check(List<String> before, List<Deed<String>> deeds, List<String> after) {
        Prefixes.check(before, deeds, after, this::after);
    }
}
