package io.sietch.crash.torture;

import io.sietch.crash.CrashGeometry;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashSubject;
import io.sietch.crash.DamageKind;
import io.sietch.vsic.LatencyModel;
import java.lang.reflect.InvocationTargetException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What is broken. Each has a subject that takes its workload as a string. */
public enum Prey {
    LOG(
            "io.sietch.crash.log.LogSubject",
            256 << 10,
            4,
            List.of(
                    "mixed",
                    "equal",
                    "tail",
                    "round",
                    "stream",
                    "tight",
                    "trims",
                    "full",
                    "segments",
                    "busy trim",
                    "high slot"),
            List.of(
                    "commit 8",
                    "commit 4024",
                    "commit 4025",
                    "write 500",
                    "commit 40000",
                    "trim 1",
                    "stream 9000 500")),
    LOG_PAIR(
            "io.sietch.crash.log.LogPairSubject",
            512 << 10,
            2,
            List.of("commit 100,commit 3000 500,trim 1,commit 60", "commit 40000,commit 41000,commit 42000,trim 1"),
            List.of("commit 8", "write 500", "commit 40000", "trim 0")),
    CONTROL_PLANE(
            "io.sietch.crash.ControlPlaneSubject",
            (1 << 20) + (8 << 12),
            3,
            List.of(
                    "create a 2,resize a 5,delete a,create b 3",
                    "create a 2,create b 3,resize a 5,rename b c,delete a,create d 9",
                    "create " + "a".repeat(200) + " 1,create " + "b".repeat(200) + " 1,create " + "c".repeat(200)
                            + " 2"),
            List.of(
                    "create a 2",
                    "resize a 5",
                    "resize a 1",
                    "delete a",
                    "create b 7",
                    "resize b 8",
                    "resize b 1",
                    "delete b",
                    "rename a b")),
    KEYSPACE(
            "io.sietch.redis.KeyspaceSubject",
            256 << 10,
            3,
            List.of(
                    "SET a 1;MSET a 2 b 2;GET a;!;INCR n;DEL a;GET a;SET t soon PX 1000;!;APPEND b life%;RENAME b"
                            + " d;~;GET t;!",
                    "SET a 1;!;SET b 2;!;INCR a;^;GET b;!;DEL a;!;^",
                    "&;SET a 1;SET t 1 PX 1500;APPEND a life%;SET f #;!;SET b 2;DEL a;!;SET f #;!;~"),
            List.of(
                    "SET a 1",
                    "MSET a 3 b 3",
                    "DEL a b",
                    "INCR n",
                    "APPEND b x",
                    "GET a",
                    "SET t 1 PX 1500",
                    "!",
                    "~",
                    "^")),
    TABLE(
            "io.sietch.persistent.TableSubject",
            384 << 10,
            3,
            List.of("mixed", "growing", "cleaning"),
            List.of(
                    "PUT a 10",
                    "PUT a 4000",
                    "PUT b 15000",
                    "DEL a",
                    "BATCH a b -c",
                    "BATCH c d -a",
                    "SPREAD 120",
                    "CLEAR",
                    "GET a",
                    "!",
                    "~")),
    QUEUE(
            "io.sietch.crash.queue.QueueSubject",
            256 << 10,
            4,
            List.of("mixed", "round", "leases", "full"),
            List.of("offer 100 8", "offer 40000", "take 1", "lease 2", "ack 0", "nack 0", "soon", "commit"));

    private static final int ALL = 100_000_000;

    /** The controller and the catalogue tell of all damage; here that is millions of messages, on purpose. */
    private static final Logger QUIET = Logger.getLogger("io.sietch");

    static {
        QUIET.setLevel(Level.OFF);
    }

    private final String subject;
    private final long size;
    private final int exhaustive;
    private final List<String> workloads;
    private final List<String> operations;

    Prey(String subject, long size, int exhaustive, List<String> workloads, List<String> operations) {
        this.subject = subject;
        this.size = size;
        this.exhaustive = exhaustive;
        this.workloads = workloads;
        this.operations = operations;
    }

    /** Workloads by name or in full. */
    List<String> workloads() {
        return workloads;
    }

    /** So little work that all its power losses can be made. */
    String smallest() {
        return switch (this) {
            case LOG, LOG_PAIR -> "commit 100";
            case CONTROL_PLANE -> "create a 1";
            case KEYSPACE -> "SET a 1;!";
            case TABLE -> "PUT a 10,!";
            case QUEUE -> "offer 100,take 1";
        };
    }

    /** A workload, or what comes nearest to it if data are to be damaged. */
    String forDamage(String workload) {
        return this == CONTROL_PLANE ? "catalogue," + workload : workload;
    }

    /**
     * Damage that may show as wrong data: an open table reads through its mapping, and trusts what it checked when it
     * was opened.
     */
    public Set<DamageKind> tolerated() {
        return this == TABLE ? EnumSet.of(DamageKind.MISDIRECTED_WRITE) : Set.of();
    }

    /** All sequences of its operations up to a length that can be gone through in full. */
    Sequences sequences() {
        return new Sequences(operations, exhaustive, this == KEYSPACE ? ";" : ",");
    }

    /** How it is explored, with as much effort as a minute is worth. */
    public CrashPlan plan(String name) {
        CrashGeometry geometry = CrashGeometry.of(size);
        CrashPlan plan = switch (this) {
            case LOG, LOG_PAIR, KEYSPACE, TABLE, QUEUE ->
                CrashPlan.of(name, geometry).withLatency(new LatencyModel(0, 1000, 5000));
            // Formatting writes to the medium itself: a write is complete when it returns.
            case CONTROL_PLANE -> CrashPlan.of(name, geometry.growingTo(size + (64 << 12)));
        };
        return plan.withLazyViews().withLimits(100, 64, 8, 12);
    }

    /**
     * How it is explored if nothing shall be left out to depth 2. The control plane makes a new area's blocks zero, and
     * the fewer sectors a block has the fewer images there are.
     */
    CrashPlan wholePlan(String name) {
        CrashPlan plan = plan(name);
        CrashPlan small = this == CONTROL_PLANE ? plan.withGeometry(new CrashGeometry(size, size, 512, 512)) : plan;
        return small.withLimits(ALL, ALL, 0, 0).withSecondCrashes(Long.MAX_VALUE / 2);
    }

    /** A subject in the world of a class loader. */
    @SuppressWarnings("unchecked") // what state and operations are is the subject's business
    public CrashSubject<Object, Object> subject(ClassLoader world, String workload) {
        try {
            var constructor = world.loadClass(subject).getDeclaredConstructor(String.class);
            constructor.setAccessible(true);
            return (CrashSubject<Object, Object>) constructor.newInstance(workload);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException("no workload of a " + this + ": \"" + workload + "\"", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("cannot make a " + subject + " for \"" + workload + "\"", e);
        }
    }

    /** As users write it. */
    static Prey of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
