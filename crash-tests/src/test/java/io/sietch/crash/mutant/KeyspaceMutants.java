package io.sietch.crash.mutant;

import io.sietch.crash.torture.Hunt;
import io.sietch.crash.torture.Prey;
import java.util.ArrayList;
import java.util.List;

/** Mistakes in the keyspace, its cleaner, and its use of the log. */
final class KeyspaceMutants {
    private static final String REDIS = "io.sietch.redis.";
    private static final String KEYSPACE = REDIS + "Keyspace";
    private static final String CHANGES = REDIS + "Changes";
    private static final String REPLAY = REDIS + "Replay";
    private static final String LONG_VALUE = "SET b " + "x".repeat(600);

    private final List<MutantCase> cases = new ArrayList<>();

    static List<MutantCase> all() {
        KeyspaceMutants mutants = new KeyspaceMutants();
        mutants.reading();
        mutants.replaying();
        mutants.cleaning();
        mutants.copyingTheIndex();
        return mutants.cases;
    }

    private void add(String workload, Mutant mutant) {
        cases.add(new MutantCase(mutant, Prey.KEYSPACE, Hunt.SECTORS, workload));
    }

    private void reading() {
        add(
                "SET a 1;GET a;!",
                Mutant.of("no read waits for what it saw", KEYSPACE, "waitFor", Edit.returnInstead(0), 1));
        add(
                "SET a 1;!;DEL a;GET a;!",
                Mutant.of(
                        "a read of nothing does not wait for the removal",
                        KEYSPACE,
                        "present",
                        Edit.skipCall("removed", 0),
                        1));
        add(
                "SET a 1;GET a;!",
                Mutant.of(
                        "a read does not look at where its key was recorded",
                        KEYSPACE,
                        "present",
                        Edit.skipCall("end", 0),
                        1));
        add(
                "SET a 1;!;RENAME a b;GET a;!",
                Mutant.of("renaming does not count as a removal", CHANGES, "rename", Edit.skipStore("removed"), 1));
        add(
                "SET a 1;!;FLUSHALL;GET a;!",
                Mutant.of(
                        "removing everything does not count as a removal",
                        CHANGES,
                        "flush",
                        Edit.skipStore("removed"),
                        1));
        add(
                "SET a 1;SET b 2;!",
                Mutant.of(
                        "written counts as durable",
                        REDIS + "LogJournal",
                        "durable",
                        Edit.callInstead("durable", "written"),
                        1));
        add(
                "SET a 1;!;SET b 2;!",
                Mutant.of(
                        "appended counts as durable",
                        REDIS + "LogJournal",
                        "durable",
                        Edit.callInstead("durable", "appended"),
                        1));
    }

    private void replaying() {
        add(
                "MSET a 1 b 2 c 3;!",
                Mutant.of("of several keys set at once some are recorded", CHANGES, "setAll", Edit.number(2, 4), 1));
        add(
                "SET a 1;!;DEL a;!",
                Mutant.of("removals are not replayed", REPLAY, "change", Edit.skipCall("remove", 0), 1));
        add(
                "SET a 1;!;FLUSHALL;!",
                Mutant.of("removing everything is not replayed", REPLAY, "single", Edit.skipCall("clear", 0), 1));
        add(
                "SET t 1 PX 1500;!",
                Mutant.of("times to live are not replayed", REPLAY, "single", Edit.skipCall("expireAt", -1), 1));
        add(
                "SET t 1 PX 1500;PERSIST t;!;~",
                Mutant.of(
                        "changes of times to live are not replayed", REPLAY, "change", Edit.skipCall("expire", 0), 1));
        add(
                "SET a 1;!;RENAME a b;!",
                Mutant.of("renaming records no removal", CHANGES, "rename", Edit.skipCall("del", 0), 1));
        add(
                LONG_VALUE + ";!;APPEND b y;!",
                Mutant.of("parts are replayed at the front", REPLAY, "change", Edit.skipCall("spliceAt", 0), 1));
        add(
                "MSET a 1 b 2;!;MSET a 3 b 4;!",
                Mutant.of(
                        "of a batch only the first effect is replayed",
                        REPLAY,
                        "batch",
                        Edit.skipCall("number", 1),
                        1));
    }

    private void copyingTheIndex() {
        String checkpoint = REDIS + "KeyspaceCheckpoint";
        String filler = "SET f " + "x".repeat(5000) + ";!;";
        add(
                "&;SET a 1;" + filler + "SET a 2;!",
                Mutant.of(
                        "what came after a copy of the index is not replayed",
                        "io.sietch.persistent.IndexCheckpointReader",
                        "replayFrom",
                        Edit.callInstead("head", "durable"),
                        1));
        add(
                "&;" + LONG_VALUE + ";APPEND b y;" + filler + filler,
                Mutant.of(
                        "a value in memory alone is not recorded for a copy of the index",
                        checkpoint,
                        "detail",
                        Edit.skipCall("isValueHere", 0),
                        1));
        add(
                "&;SET a 1;" + filler + filler + filler,
                Mutant.of(
                                "a copy of the index is shown before it is durable",
                                "io.sietch.persistent.IndexCheckpoint",
                                "advance",
                                Edit.jump(true),
                                3)
                        .and("io.sietch.persistent.LogCore", "mark", Edit.jump(true), 1));
        add(
                "&;SET t 1 PX 1500;" + filler + filler + "~",
                Mutant.of(
                        "a copy of the index says nothing of what expires",
                        checkpoint,
                        "detail",
                        Edit.skipCall("isEntered", 0),
                        2));
    }

    private void cleaning() {
        add(
                "SET a 1;!;^;!",
                Mutant.of(
                        "cleaning takes what is alive for dead",
                        REDIS + "Relocation",
                        "relocateSet",
                        Edit.skipCall("mayBeBase", 0),
                        1));
        add(
                "MSET a 1 b 2;!;^;!",
                Mutant.of(
                        "cleaning does not look into batches",
                        REDIS + "Relocation",
                        "relocate",
                        Edit.skipCall("relocateSet", 0),
                        2));
        add(
                "SET t 1;!;SET u 1;!;PEXPIREAT t 1900000000000;^;!",
                Mutant.of("a key needs its last record alone", REDIS + "Item", "base", Edit.fieldIs("isSet", 1), 1));
        add(
                "SET a 1;!;^;!",
                Mutant.of("no record is known to be alive", REDIS + "Liveness", "added", Edit.skipCall("add", -1), 1));
        add(
                "SET t 1;!;SET u 1;!;PEXPIREAT t 1900000000000;^;!",
                Mutant.of(
                        "a key that gets a time to live forgets where it is held in full",
                        REDIS + "Store",
                        "entryFor",
                        Edit.skipCall("base", 0),
                        1));
        add(
                "+;SET a 1;" + ("SET f " + "x".repeat(20_000) + ";!;").repeat(12),
                Mutant.of(
                        "a cleaned segment goes before its copies are durable",
                        "io.sietch.persistent.LogSpace$Relocation",
                        "settled",
                        Edit.callInstead("durable", "appended"),
                        1));
        add(
                "SET a 1;SET b 2;!;^;!",
                Mutant.of(
                        "cleaning does not append",
                        REDIS + "Relocation",
                        "relocateSet",
                        Edit.skipCall("appendAgain", 0),
                        1));
    }
}
