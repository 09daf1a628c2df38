package io.sietch.vnic.linux;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes programs for the kernel's virtual machine (RFC 9669). Each instruction is one {@code long}; all arithmetic is
 * of 64 bits.
 *
 * <pre>
 *  bit 0    8      12       16       32          64
 *  ├ code ──┼ to ──┼ from ──┼ jump ──┼ constant ─┤
 * </pre>
 *
 * Registers are 0 to 10. A call takes its arguments from 1 to 5, leaves them undefined and its result in 0; 10 points
 * to the end of the stack. Places to jump to have names; they are all further on, so a program always ends.
 */
final class BpfAssembler {
    /** Instructions that a program may have without privileges of its own; more than any list of filters needs. */
    static final int MAX_INSTRUCTIONS = 4096;

    static final int BYTE = 0x10;
    static final int HALF = 0x08;
    static final int WORD = 0x00;
    static final int DOUBLE = 0x18;

    /** Kinds of arithmetic. */
    static final int ADD = 0x00;

    static final int SUBTRACT = 0x10;
    static final int MULTIPLY = 0x20;
    static final int DIVIDE = 0x30;
    static final int OR = 0x40;
    static final int AND = 0x50;
    static final int LEFT = 0x60;
    static final int RIGHT = 0x70;

    /** Kinds of jumps; the last two look at signs. */
    static final int IF_EQUAL = 0x10;

    static final int IF_GREATER = 0x20;
    static final int IF_LESS = 0xA0;
    static final int IF_NOT_EQUAL = 0x50;
    static final int IF_SIGNED_GREATER = 0x60;
    static final int IF_SIGNED_LESS = 0xC0;

    private static final int ALWAYS = 0x00;

    private static final int LOAD_CONSTANT = 0x18;
    private static final int LOAD = 0x61;
    private static final int STORE = 0x63;
    private static final int ARITHMETIC = 0x07;
    private static final int JUMP = 0x05;
    private static final int BY_REGISTER = 0x08;
    private static final int MOVE = 0xB0;
    private static final int TO_BIG_ENDIAN = 0xDC;
    private static final int CALL = 0x85;
    private static final int EXIT = 0x95;

    /** In the place of a register: the constant is the descriptor of a map. */
    private static final int MAP = 1;

    private long[] code = new long[64];
    private int size;
    private final Map<String, List<Integer>> jumps = new HashMap<>();

    private BpfAssembler emit(int operation, int to, int from, int constant) {
        if (size == MAX_INSTRUCTIONS) {
            throw new IllegalArgumentException("the filters need more than " + MAX_INSTRUCTIONS + " instructions");
        }
        code = size == code.length ? Arrays.copyOf(code, 2 * size) : code;
        code[size++] = operation | to << 8 | from << 12 | (long) constant << Integer.SIZE;
        return this;
    }

    BpfAssembler move(int to, int constant) {
        return emit(MOVE | ARITHMETIC, to, 0, constant);
    }

    BpfAssembler copy(int to, int from) {
        return emit(MOVE | ARITHMETIC | BY_REGISTER, to, from, 0);
    }

    BpfAssembler constant(int to, long value) {
        return emit(LOAD_CONSTANT, to, 0, (int) value).emit(0, 0, 0, (int) (value >>> 32));
    }

    BpfAssembler map(int to, int descriptor) {
        return emit(LOAD_CONSTANT, to, MAP, descriptor).emit(0, 0, 0, 0);
    }

    /** Reads memory as the machine would, without a sign. */
    BpfAssembler load(int width, int to, int from, int offset) {
        return emit(LOAD | width, to, from, 0).at(offset);
    }

    /** Reads a number in network byte order. */
    BpfAssembler loadNet(int width, int to, int from, int offset) {
        return load(width, to, from, offset).emit(TO_BIG_ENDIAN, to, 0, bits(width));
    }

    BpfAssembler store(int width, int to, int offset, int from) {
        return emit(STORE | width, to, from, 0).at(offset);
    }

    private static int bits(int width) {
        return switch (width) {
            case HALF -> Short.SIZE;
            case WORD -> Integer.SIZE;
            default -> Long.SIZE;
        };
    }

    private BpfAssembler at(int offset) {
        code[size - 1] |= (offset & 0xFFFFL) << 16;
        return this;
    }

    BpfAssembler compute(int kind, int to, int constant) {
        return emit(kind | ARITHMETIC, to, 0, constant);
    }

    BpfAssembler computeWith(int kind, int to, int from) {
        return emit(kind | ARITHMETIC | BY_REGISTER, to, from, 0);
    }

    BpfAssembler jump(String place) {
        jumps.computeIfAbsent(place, key -> new ArrayList<>()).add(size);
        return emit(ALWAYS | JUMP, 0, 0, 0);
    }

    BpfAssembler jump(int kind, int register, int constant, String place) {
        jumps.computeIfAbsent(place, key -> new ArrayList<>()).add(size);
        return emit(kind | JUMP, register, 0, constant);
    }

    BpfAssembler jumpWith(int kind, int register, int other, String place) {
        jumps.computeIfAbsent(place, key -> new ArrayList<>()).add(size);
        return emit(kind | JUMP | BY_REGISTER, register, other, 0);
    }

    /** Says that the next instruction is the place of that name. */
    BpfAssembler place(String name) {
        List<Integer> froms = jumps.remove(name);
        for (int from : froms == null ? List.<Integer>of() : froms) {
            code[from] |= (size - from - 1L) << 16;
        }
        return this;
    }

    BpfAssembler call(int function) {
        return emit(CALL, 0, 0, function);
    }

    BpfAssembler exit() {
        return emit(EXIT, 0, 0, 0);
    }

    /** The program. */
    long[] finish() {
        if (!jumps.isEmpty()) {
            throw new IllegalStateException("nowhere is " + jumps.keySet());
        }
        return Arrays.copyOf(code, size);
    }
}
