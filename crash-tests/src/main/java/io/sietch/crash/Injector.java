package io.sietch.crash;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts calls and says which of them fail. */
final class Injector {
    /** A fault with the calls that are still to go well before it. */
    private static final class Pending {
        final Fault fault;
        int toGo;

        Pending(Fault fault) {
            this.fault = fault;
            this.toGo = fault.nth() - 1;
        }
    }

    private final List<Pending> pending = new ArrayList<>();
    private final int[] calls = new int[Fault.Call.values().length];
    private int struck;

    void add(Fault fault) {
        pending.add(new Pending(fault));
    }

    int struck() {
        return struck;
    }

    /** How many calls of a kind there were. */
    int calls(Fault.Call call) {
        return calls[call.ordinal()];
    }

    /** Counts a call. Returns the fault that strikes it, or null. */
    @Nullable
    Fault strikes(Fault.Call call) {
        calls[call.ordinal()]++;
        if (pending.isEmpty()) {
            return null;
        }
        Fault result = null;
        for (Pending each : pending) {
            if (each.fault.call() != call) {
                continue;
            }
            if (each.toGo == 0) {
                result = each.fault;
            }
            if (each.toGo > 0 || !each.fault.sticky()) {
                each.toGo--;
            }
        }
        if (result != null) {
            struck++;
        }
        return result;
    }
}
