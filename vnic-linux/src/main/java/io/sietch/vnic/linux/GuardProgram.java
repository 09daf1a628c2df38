package io.sietch.vnic.linux;

import static io.sietch.vnic.linux.BpfAssembler.ADD;
import static io.sietch.vnic.linux.BpfAssembler.DIVIDE;
import static io.sietch.vnic.linux.BpfAssembler.DOUBLE;
import static io.sietch.vnic.linux.BpfAssembler.IF_EQUAL;
import static io.sietch.vnic.linux.BpfAssembler.IF_GREATER;
import static io.sietch.vnic.linux.BpfAssembler.MULTIPLY;
import static io.sietch.vnic.linux.BpfAssembler.SUBTRACT;
import static io.sietch.vnic.linux.BpfAssembler.WORD;

import io.sietch.vnic.FrameFilter;
import io.sietch.vnic.RateLimit;
import java.util.List;

/**
 * Transmit filters and a rate as a program of the kernel's, at the end of a pair of interfaces where everything comes
 * out that was sent at the other: a frame that one of the filters matches goes on if the rate allows, all others are
 * dropped. Nothing can wait here, so a frame above the rate is dropped, too.
 *
 * <p>It shares memory with whoever loaded it. Each rate is a moment, as in the switch: that at which all that was let
 * through is paid for. What a frame costs is rounded up, so the rate is never exceeded.
 *
 * <pre>
 *  0                  8                   16       24        32        40
 *  ├ bytes paid until ┼ frames paid until ┼ passed ┼ refused ┼ limited ┤
 * </pre>
 */
final class GuardProgram {
    static final int BYTES = 40;
    static final int PASSED = 16;
    static final int REFUSED = 24;
    static final int LIMITED = 32;

    static final int DROP = 1;

    private static final int BYTES_PAID = 0;
    private static final int FRAMES_PAID = 8;

    private static final int LOOK_UP = 1;
    private static final int NANOSECONDS = 5;
    private static final int FRAME_LENGTH = 188;
    private static final long SECOND = 1_000_000_000L;

    /** Where on the stack the key of the memory is. */
    private static final int KEY = -16;

    // Registers. The last three keep their values over calls.
    private static final int RESULT = 0;
    private static final int A = 1;
    private static final int B = 2;
    private static final int LENGTH = 6;
    private static final int NOW = 7;
    private static final int STATE = 8;
    private static final int CONTEXT = 9;
    private static final int STACK = 10;

    private final BpfAssembler code = new BpfAssembler();
    private final int array;

    private GuardProgram(int array) {
        this.array = array;
    }

    /**
     * Writes the program.
     *
     * @param array the memory, of {@link #BYTES}
     */
    static long[] of(List<FrameFilter> filters, RateLimit limit, int array) {
        GuardProgram program = new GuardProgram(array);
        program.code.copy(CONTEXT, A);
        if (!filters.isEmpty()) {
            new FilterProgram(program.code, filters);
        }
        program.findState();
        program.endWith(REFUSED, DROP);
        if (!filters.isEmpty()) {
            program.code.place("matched");
            program.findState();
            program.limit(limit);
        }
        return program.code.place("lost").move(RESULT, DROP).exit().finish();
    }

    private void findState() {
        code.move(A, 0).store(WORD, STACK, KEY, A).copy(B, STACK).compute(ADD, B, KEY);
        // It is never lost, but the kernel wants to see that we look.
        code.map(A, array).call(LOOK_UP).jump(IF_EQUAL, RESULT, 0, "lost").copy(STATE, RESULT);
    }

    private void endWith(int counter, int verdict) {
        code.load(DOUBLE, A, STATE, counter).compute(ADD, A, 1).store(DOUBLE, STATE, counter, A);
        code.move(RESULT, verdict).exit();
    }

    private void limit(RateLimit limit) {
        boolean ofBytes = limit.bytesPerSecond() != RateLimit.UNLIMITED;
        boolean ofFrames = limit.framesPerSecond() != RateLimit.UNLIMITED;
        if (ofBytes || ofFrames) {
            code.copy(A, CONTEXT).call(FRAME_LENGTH).copy(LENGTH, RESULT);
            code.call(NANOSECONDS).copy(NOW, RESULT);
        }
        // First both are asked, and then both are paid.
        if (ofBytes) {
            ask(BYTES_PAID, limit.burstNanos());
        }
        if (ofFrames) {
            ask(FRAMES_PAID, limit.burstNanos());
        }
        if (ofBytes) {
            code.copy(A, LENGTH).constant(B, SECOND).computeWith(MULTIPLY, A, B);
            code.constant(B, limit.bytesPerSecond() - 1).computeWith(ADD, A, B);
            code.constant(B, limit.bytesPerSecond()).computeWith(DIVIDE, A, B);
            pay(BYTES_PAID);
        }
        if (ofFrames) {
            code.constant(A, (SECOND + limit.framesPerSecond() - 1) / limit.framesPerSecond());
            pay(FRAMES_PAID);
        }
        endWith(PASSED, FilterProgram.PASS);
        if (ofBytes || ofFrames) {
            code.place("limited");
            endWith(LIMITED, DROP);
        }
    }

    private void ask(int paid, long burstNanos) {
        code.load(DOUBLE, A, STATE, paid).copy(B, NOW).compute(SUBTRACT, B, (int) burstNanos);
        code.jumpWith(IF_GREATER, A, B, "recent" + paid).copy(A, B).place("recent" + paid);
        code.jumpWith(IF_GREATER, A, NOW, "limited").store(DOUBLE, STATE, paid, A);
    }

    private void pay(int paid) {
        code.load(DOUBLE, B, STATE, paid).computeWith(ADD, B, A).store(DOUBLE, STATE, paid, B);
    }

    static {
        assert RateLimit.MAX_BURST_NANOS <= Integer.MAX_VALUE;
    }
}
