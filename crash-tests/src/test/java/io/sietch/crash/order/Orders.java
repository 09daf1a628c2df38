package io.sietch.crash.order;

import io.sietch.crash.order.Turns.Change;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Scenario} in the orders in which the steps of its threads can come: with no change of turns but those
 * that waiting makes, with one at each step, then with two, and so on; those with many changes as a sample.
 *
 * <p>Steps come one after the other, each seeing all before: what processors and compilers may reorder is not tried.
 */
public final class Orders {
    private final Class<? extends Scenario> name;
    private final List<String> packages;
    private @Nullable Constructor<?> scenario;
    private boolean memory = true;
    private static final int TOLD_STEPS = 400;

    private int most = 2;
    private int sample = 500;
    private boolean timesOut;
    private int tried;

    private record Order(List<Change> changes, int steps) {}

    /**
     * @param scenario with a constructor without parameters
     * @param packages name prefixes of the classes whose accesses are steps; the scenario's is one
     */
    public Orders(Class<? extends Scenario> scenario, String... packages) {
        this.name = scenario;
        this.packages = List.of(packages);
    }

    /** Plain accesses to fields and to memory outside the heap are no steps: for scenarios that have enough others. */
    public Orders withoutMemory() {
        memory = false;
        return this;
    }

    /** Up to so many changes of turns, and of each number of them up to so many orders. */
    public Orders with(int changes, int orders) {
        most = changes;
        sample = orders;
        return this;
    }

    /** Waiting until the time is over is no failure. */
    public Orders allowingTimeouts() {
        timesOut = true;
        return this;
    }

    /** Returns how many orders were tried. Throws an {@link AssertionError} with the order that failed. */
    public int explore() {
        sample *= Integer.getInteger("sietch.crash.tries", 1);
        Random random = new Random(Long.getLong("sietch.crash.seed", 1));
        int threads = make().threads().size();
        List<Order> level = new ArrayList<>();
        for (int first = 0; first < threads; first++) {
            add(level, first == 0 ? List.of() : List.of(new Change(0, first)));
        }
        for (int changes = 1; changes <= most; changes++) {
            List<List<Change>> next = new ArrayList<>();
            for (Order order : level) {
                int from = order.changes.isEmpty() ? 0 : order.changes.getLast().step() + 1;
                for (int step = Math.max(1, from); step < order.steps; step++) {
                    for (int to = 0; to < threads; to++) {
                        List<Change> more = new ArrayList<>(order.changes);
                        more.add(new Change(step, to));
                        next.add(more);
                    }
                }
            }
            Collections.shuffle(next, random);
            level.clear();
            for (List<Change> order : next) {
                if (level.size() == sample) {
                    break;
                }
                add(level, order);
            }
        }
        return tried;
    }

    private Scenario make() {
        try {
            Constructor<?> constructor = scenario;
            if (constructor == null) {
                constructor = new SteppedLoader(memory, packages)
                        .loadClass(name.getName())
                        .getDeclaredConstructor();
                constructor.setAccessible(true);
                scenario = constructor;
            }
            return (Scenario) constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("cannot make a " + name, e);
        }
    }

    private void add(List<Order> level, List<Change> changes) {
        Turns turns = new Turns(changes, false);
        Throwable failure = run(turns);
        if (failure != null) {
            if (String.valueOf(failure.getMessage()).startsWith("stuck")) {
                throw new AssertionError(failure + " with changes " + changes);
            }
            Turns again = new Turns(changes, true);
            run(again);
            throw new AssertionError(told(failure, changes, again.trace()), failure);
        }
        if (!turns.isRedundant()) {
            tried++;
            level.add(new Order(changes, turns.steps()));
        }
    }

    private @Nullable Throwable run(Turns turns) {
        Scenario made = make();
        Throwable failure = turns.run(made.threads());
        if (failure == null && turns.timedOut() && !timesOut) {
            failure = new AssertionError("somebody waited until the time was over");
        }
        if (failure == null) {
            try {
                made.check();
            } catch (AssertionError e) {
                failure = e;
            }
        }
        return failure;
    }

    private static String told(Throwable failure, List<Change> changes, List<String> trace) {
        StringBuilder text = new StringBuilder(failure + " after " + trace.size() + " steps, with changes " + changes);
        int before = -1;
        for (String step : trace.subList(Math.max(0, trace.size() - TOLD_STEPS), trace.size())) {
            int thread = Integer.parseInt(step.substring(0, step.indexOf(' ')));
            text.append(before == thread ? "\n" : "\n-- thread " + thread + "\n")
                    .append("  ")
                    .append(step);
            before = thread;
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return name.getSimpleName();
    }
}
