package io.sietch.persistent;

/**
 * How much of a log is looked at when it is opened. Either way its end is found, what a crash tore is cut off, and
 * nothing that was durable is taken for torn.
 */
public enum LogCheck {
    /** Every commit from the head on: damage anywhere is told at once. Takes as long as reading the whole log. */
    EVERYTHING,

    /**
     * What lies behind the newest proof that everything before it was durable, from where that segment begins: it takes
     * as long as reading two segments, however long the log is. Damage before that is told when it is read, and by a
     * scrub. If anything about the log looks wrong, everything is checked after all.
     */
    TAIL
}
