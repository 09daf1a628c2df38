package io.sietch.crash;

/**
 * A fault to inject into a {@link CrashMedia}.
 *
 * @param call which kind of call fails
 * @param nth the how-many-th call of the kind from now on, from 1
 * @param sticky whether all later ones fail as well
 * @param effect how
 * @param detail for {@link Effect#MISDIRECTED} the offset where the call ends up, for {@link Effect#RESET} a seed; else
 *     0
 */
public record Fault(Call call, int nth, boolean sticky, Effect effect, long detail) {
    /** The calls that can fail. */
    public enum Call {
        READ,
        WRITE,
        FLUSH,
        GROW
    }

    /** How a call fails. */
    public enum Effect {
        /**
         * An {@link java.io.IOException}. A failed write is not visible, and any part of it may turn up after a crash.
         * A failed flush keeps its data dirty: a later good flush covers them (variant A).
         */
        ERROR,
        /**
         * An {@link java.io.IOException} after a part: the front half of what was to be read or written went through.
         * The rest of a write may turn up after a crash.
         */
        SHORT,
        /**
         * An {@link java.io.IOException}, but the call is under way: a write reaches the medium when the next event but
         * one begins, a flush does what it should.
         */
        TIMEOUT,
        /** An {@link InternalError}, as out of a mapping whose page the file has lost. Leaves what an error leaves. */
        INTERNAL_ERROR,
        /**
         * An {@link java.io.IOException}: the device was reset. Writes that were not complete are lost or not, each for
         * itself, by the detail as a seed; every later call fails as well.
         */
        RESET,
        /** A failed flush marks its data clean: reads show the new data, no later flush covers them (variant B). */
        ERROR_MARKED_CLEAN,
        /** A failed flush throws its data away: reads show the old ones at once (variant C). */
        ERROR_REVERTED,
        /** A write succeeds and reaches nothing. Media fault. */
        LOST,
        /** A flush succeeds and does nothing: the device lies. */
        IGNORED,
        /**
         * A write succeeds and lands elsewhere; its target keeps what it had. A read succeeds and shows what is
         * elsewhere. Media fault.
         */
        MISDIRECTED
    }

    public Fault {
        boolean fits = switch (effect) {
            case ERROR -> true;
            case SHORT -> call == Call.READ || call == Call.WRITE;
            case TIMEOUT, INTERNAL_ERROR, RESET -> call != Call.GROW;
            case ERROR_MARKED_CLEAN, ERROR_REVERTED, IGNORED -> call == Call.FLUSH;
            case LOST -> call == Call.WRITE;
            case MISDIRECTED -> call == Call.WRITE || call == Call.READ;
        };
        if (!fits || nth < 1) {
            throw new IllegalArgumentException("fault " + effect + " at " + call + " number " + nth);
        }
    }

    /** The n-th call fails, and only that one. */
    public static Fault once(Call call, int nth) {
        return new Fault(call, nth, false, Effect.ERROR, 0);
    }

    /** The n-th call and all after it fail. */
    public static Fault sticky(Call call, int nth) {
        return new Fault(call, nth, true, Effect.ERROR, 0);
    }

    /** The same with another effect. */
    public Fault with(Effect newEffect) {
        return new Fault(call, nth, sticky, newEffect, detail);
    }
}
