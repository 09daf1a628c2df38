package io.sietch.crash.mutant;

import io.sietch.crash.torture.Hunt;
import io.sietch.crash.torture.Prey;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.util.ArrayList;
import java.util.List;

/** Mistakes in the log. */
final class LogMutants {
    private static final String LOG = "io.sietch.persistent.";
    private static final String CORE = LOG + "LogCore";
    private static final String OPENING = LOG + "LogOpening";
    private static final String RECOVERY = LOG + "LogRecovery";
    private static final String PIPELINE = LOG + "CommitPipeline";
    private static final String SUPERBLOCKS = LOG + "SuperblockStore";
    private static final String TABLE = LOG + "SegmentTable";
    private static final String GEOMETRY = LOG + "LogGeometry";
    private static final String FORMAT = LOG + "LogFormat";
    private static final Edit READ_SUBMITTED = Edit.callInstead("written", "submitted");

    private final List<MutantCase> cases = new ArrayList<>();

    static List<MutantCase> all() {
        LogMutants mutants = new LogMutants();
        mutants.recovery();
        mutants.opening();
        mutants.superblocks();
        mutants.committing();
        mutants.space();
        mutants.failing();
        mutants.damage();
        return mutants.cases;
    }

    private void power(String workload, Mutant mutant) {
        cases.add(new MutantCase(mutant, Prey.LOG, Hunt.SECTORS, workload));
    }

    private void garbage(String workload, Mutant mutant) {
        cases.add(new MutantCase(mutant, Prey.LOG, Hunt.GARBAGE, workload));
    }

    private void faults(String workload, Mutant mutant) {
        cases.add(new MutantCase(mutant, Prey.LOG, Hunt.FAULTS, workload));
    }

    private void rot(String workload, Mutant mutant) {
        cases.add(new MutantCase(mutant, Prey.LOG, Hunt.ROT, workload));
    }

    private void recovery() {
        power(
                "equal",
                Mutant.of("checksums hold for every epoch", RECOVERY, "extendChain", Edit.jump(false), 4)
                        .and(RECOVERY, "extendChain", Edit.jump(true), 5)
                        .and(RECOVERY, "extendChain", Edit.jump(true), 6));
        power("equal", Mutant.of("a cut tail may be mended", RECOVERY, "extendChain", Edit.jump(true), 6));
        power("tail", Mutant.of("bodies are not checked", RECOVERY, "extendChain", Edit.jump(true), 8));
        garbage(
                "mixed",
                Mutant.of(
                        "headers are not checked",
                        FORMAT,
                        "isHeader",
                        Edit.compare(Opcode.IF_ICMPNE, Opcode.IF_ICMPLT),
                        2));
        power(
                "round",
                Mutant.of("links between commits are not checked", RECOVERY, "extendChain", Edit.jump(false), 2)
                        .and(RECOVERY, "extendChain", Edit.jump(false), 3)
                        .and(RECOVERY, "enterNextSegment", Edit.jump(true), 2));
        power(
                "mixed",
                Mutant.of(
                        "an unproven end is corruption",
                        RECOVERY,
                        "decide",
                        Edit.compare(Opcode.IFLT, Opcode.IFLE),
                        1));
        power("tail", Mutant.of("the end is what was seen", RECOVERY, "decide", Edit.skipStore("readableTo"), 1));
        power(
                "round",
                Mutant.of(
                        "only the first segment is read",
                        RECOVERY,
                        "followChain",
                        Edit.skipCall("enterNextSegment", 0),
                        1));
        power(
                "tail",
                Mutant.of(
                        "the epoch of commits is ignored and the end not proven",
                        RECOVERY,
                        "extendChain",
                        Edit.skipCall("proven", 0),
                        1));
        power(
                "high slot",
                Mutant.of(
                        "of two slots with one segment the last counts",
                        RECOVERY,
                        "lambda$readSegmentHeaders$0",
                        Edit.jump(false),
                        1));
        power("mixed", Mutant.of("reading stops one commit early", RECOVERY, "hasRoomForCommit", Edit.jump(true), 1));
    }

    private void opening() {
        power("equal", Mutant.of("the epoch is never raised", OPENING, "of", Edit.number(1L, 0L), 1));
        power("mixed", Mutant.of("opening does not flush what it read", OPENING, "of", Edit.skipCall("flush", 0), 1));
        power("tail", Mutant.of("opening forgets what it proved", OPENING, "of", Edit.skipCall("readableTo", 0), 1));
        power("equal", Mutant.of("opening does not begin an epoch", OPENING, "of", Edit.skipCall("write", 0), 1));
        power(
                "mixed",
                Mutant.of(
                        "the superblock of a new log is not written", OPENING, "format", Edit.skipCall("write", 0), 1));
    }

    private void superblocks() {
        power(
                "tail",
                Mutant.of(
                        "all copies of the superblock are written at once",
                        SUPERBLOCKS,
                        "write",
                        Edit.skipCall("flush", 0),
                        1));
        garbage(
                "trims",
                Mutant.of("an update writes all copies at once", SUPERBLOCKS, "poll", Edit.number(2, 4), 1)
                        .and(SUPERBLOCKS, "writeCompleted", Edit.number(2, 4), 1)
                        .and(SUPERBLOCKS, "flushSucceeded", Edit.jump(true), 2));
        garbage(
                "trims",
                Mutant.of("an update is done after its first half", SUPERBLOCKS, "flushSucceeded", Edit.jump(true), 2));
        garbage(
                "trims",
                Mutant.of("the anchors are always the same copies", SUPERBLOCKS, "choose", Edit.jump(true), 7));
        garbage(
                "trims",
                Mutant.of(
                        "copies are not checked",
                        LOG + "LogSuperblockFormat",
                        "versionOf",
                        Edit.compare(Opcode.IF_ICMPNE, Opcode.IF_ICMPLT),
                        1));
        power("trims", Mutant.of("flushes do not wait for the copies", SUPERBLOCKS, "needsFlush", Edit.jump(true), 1));
        power(
                "trims",
                Mutant.of(
                        "an update takes the sequence for the epoch",
                        LOG + "LogSuperblock",
                        "updated",
                        Edit.readInstead("epoch", "sequence"),
                        1));
        power(
                "trims",
                Mutant.of(
                        "an update does not count the sequence",
                        LOG + "LogSuperblock",
                        "updated",
                        Edit.number(1L, 0L),
                        1));
    }

    private void committing() {
        power("stream", Mutant.of("a flush covers what is under way", CORE, "pollFlush", READ_SUBMITTED, 2));
        power(
                "tail",
                Mutant.of("the flush goes out with the write", CORE, "pollFlush", READ_SUBMITTED, 1)
                        .and(CORE, "pollFlush", READ_SUBMITTED, 2));
        power(
                "tail",
                Mutant.of("the watermark runs ahead", CORE, "poll", Edit.readInstead("durable", "commitTarget"), 1));
        power("stream", Mutant.of("two flushes are under way", CORE, "poll", Edit.fieldIs("flushing", 0), 1));
        power(
                "stream",
                Mutant.of(
                        "a flush covers what was appended",
                        CORE,
                        "pollFlush",
                        Edit.callInstead("written", "appended"),
                        2));
        power(
                "stream",
                Mutant.of(
                        "what is asked for during a flush is forgotten",
                        CORE,
                        "pollFlush",
                        Edit.compare(Opcode.IFGE, Opcode.IFLT),
                        1));
        power(
                "stream",
                Mutant.of(
                        "commits are linked to what is written",
                        PIPELINE,
                        "openBatch",
                        Edit.readInstead("sealed", "written"),
                        1));
        power("round", Mutant.of("segments have no header", PIPELINE, "finish", Edit.skipCall("write", 0), 1));
        power("mixed", Mutant.of("records are not counted", PIPELINE, "publish", Edit.number(1, 0), 1));
        power(
                "stream",
                Mutant.of(
                        "a buffer is free once it is submitted",
                        PIPELINE,
                        "submitSealed",
                        Edit.constantInstead("WRITING", "FREE"),
                        1));
        power(
                "tail",
                Mutant.of("epochs are not written into commits", PIPELINE, "finish", Edit.fieldIs("epoch", 1), 2));
    }

    private void space() {
        power(
                "tight",
                Mutant.of(
                        "segments are freed before the trim is durable",
                        CORE,
                        "freeSegments",
                        Edit.callInstead("trimmed", "head"),
                        1));
        power("trims", Mutant.of("a trim is forgotten", CORE, "trim", Edit.skipStore("superblockWanted"), 1));
        power(
                "tight",
                Mutant.of(
                        "the segment that holds the head is freed",
                        TABLE,
                        "freeBefore",
                        Edit.compare(Opcode.IFGE, Opcode.IFGT),
                        1));
        power(
                "busy trim",
                Mutant.of(
                        "the superblock proves what is only appended",
                        CORE,
                        "pollSuperblock",
                        Edit.readInstead("durable", "commitTarget"),
                        1));
        power("full", Mutant.of("a commit's header needs no room", PIPELINE, "openBatch", Edit.number(64L, 0L), 1));
        power(
                "mixed",
                Mutant.of(
                        "the first segment lies where the superblock is",
                        GEOMETRY,
                        "headerOffset",
                        Edit.jump(true),
                        1));
        power(
                "round",
                Mutant.of(
                        "a new segment takes the slot after the lowest free one", TABLE, "open", Edit.number(0, 1), 1));
    }

    private void failing() {
        faults("mixed", Mutant.of("failures of commands are overlooked", CORE, "completed", Edit.jump(true), 1));
        faults(
                "mixed",
                Mutant.of("a flush that failed counts", CORE, "completed", Edit.atStart(LogMutants::countFlush), 1));
        faults(
                "mixed",
                Mutant.of(
                        "a failure is forgotten at the next success", CORE, "completed", Edit.fieldIs("failed", 0), 1));
        faults("mixed", Mutant.of("a failed log takes records", CORE, "claim", Edit.fieldIs("failed", 0), 1));
        faults(
                "tight",
                Mutant.of(
                        "what cannot be read is cut off",
                        LOG + "SlotReader",
                        "readBlock",
                        Edit.skipStore("unreadableAt"),
                        1));
    }

    /** {@code if (tag == TAG_FLUSH) { flushed(); return; }}. */
    private static void countFlush(CodeBuilder code) {
        Label other = code.newLabel();
        code.lload(1)
                .loadConstant(-1L)
                .lcmp()
                .ifne(other)
                .aload(0)
                .invokevirtual(ClassDesc.of(CORE), "flushed", ConstantDescs.MTD_void)
                .return_()
                .labelBinding(other);
    }

    private void damage() {
        cases.add(new MutantCase(
                Mutant.of("commits hold in every area", GEOMETRY, "identity", Edit.fieldIs("areaId", 0), 1)
                        .and(FORMAT, "isHeader", Edit.jump(false), 2),
                Prey.LOG_PAIR,
                Hunt.DAMAGE,
                "commit 100,commit 3000 500,trim 1,commit 60"));
        rot(
                "mixed",
                Mutant.of("nobody looks behind the break", RECOVERY, "run", Edit.skipCall("searchBehindBreak", 0), 1)
                        .and(RECOVERY, "run", Edit.skipCall("proven", 0), 2));
        rot("mixed", Mutant.of("damage is cut off", RECOVERY, "decide", Edit.jump(false), 1));
        rot("mixed", Mutant.of("the superblock proves nothing", RECOVERY, "run", Edit.skipCall("proven", 0), 2));
        rot(
                "mixed",
                Mutant.of("records are not checked, nor bodies", RECOVERY, "extendChain", Edit.jump(true), 8)
                        .and(LOG + "LogCursor", "takeRecord", Edit.jump(true), 3));
    }
}
