package io.sietch.vnic.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Runs what {@link BpfAssembler} writes, for where the kernel may not be asked. What it knows is what our programs use;
 * an access outside of the frame is a failure, as it is to the kernel.
 */
final class BpfInterpreter {
    private static final long FRAME = 0x10_0000;
    private static final long CONTEXT = 0x20_0000;
    private static final long STACK_END = 0x30_0000;
    private static final int STACK_BYTES = 512;

    private final long[] registers = new long[11];
    private final ByteBuffer frame;
    private final ByteBuffer context = little(20);
    private final ByteBuffer stack = little(STACK_BYTES);

    private BpfInterpreter(byte[] frame) {
        this.frame = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        context.putInt(0, (int) FRAME).putInt(4, (int) FRAME + frame.length);
        registers[1] = CONTEXT;
        registers[10] = STACK_END;
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static int run(long[] code, byte[] frame) {
        return new BpfInterpreter(frame).run(code);
    }

    private int run(long[] code) {
        for (int at = 0; ; at++) {
            long instruction = code[at];
            int operation = (int) instruction & 0xFF;
            if (operation == 0x95) {
                return (int) registers[0];
            }
            int to = (int) (instruction >>> 8) & 0xF;
            int from = (int) (instruction >>> 12) & 0xF;
            int offset = (short) (instruction >>> 16);
            int constant = (int) (instruction >>> 32);
            long operand = (operation & 0x08) == 0 ? constant : registers[from];
            switch (operation & 0x07) {
                case 0 -> registers[to] = constant & 0xFFFF_FFFFL | code[++at] >>> 32 << 32;
                case 1 -> registers[to] = load(operation & 0x18, registers[from] + offset);
                case 3 -> store(registers[to] + offset, (int) registers[from]);
                case 4 -> registers[to] = toBigEndian(registers[to], constant);
                case 5 -> at += jumps(operation & 0xF0, registers[to], operand) ? offset : 0;
                case 7 -> registers[to] = compute(operation & 0xF0, registers[to], operand);
                default -> throw new IllegalStateException("unknown instruction " + Long.toHexString(instruction));
            }
        }
    }

    private long load(int width, long address) {
        ByteBuffer memory = address >= CONTEXT ? address >= CONTEXT + 20 ? stack : context : frame;
        int at = (int) (address - (memory == frame ? FRAME : memory == context ? CONTEXT : STACK_END - STACK_BYTES));
        return switch (width) {
            case BpfAssembler.BYTE -> memory.get(at) & 0xFF;
            case BpfAssembler.HALF -> memory.getShort(at) & 0xFFFF;
            case BpfAssembler.WORD -> memory.getInt(at) & 0xFFFF_FFFFL;
            default -> memory.getLong(at);
        };
    }

    private void store(long address, int value) {
        stack.putInt((int) (address - STACK_END + STACK_BYTES), value);
    }

    private static long toBigEndian(long value, int bits) {
        return Long.reverseBytes(value) >>> Long.SIZE - bits;
    }

    private static boolean jumps(int kind, long value, long operand) {
        return switch (kind) {
            case 0 -> true;
            case BpfAssembler.IF_EQUAL -> value == operand;
            case BpfAssembler.IF_NOT_EQUAL -> value != operand;
            case BpfAssembler.IF_GREATER -> Long.compareUnsigned(value, operand) > 0;
            case BpfAssembler.IF_LESS -> Long.compareUnsigned(value, operand) < 0;
            case BpfAssembler.IF_SIGNED_GREATER -> value > operand;
            case BpfAssembler.IF_SIGNED_LESS -> value < operand;
            default -> throw new IllegalStateException("unknown jump " + kind);
        };
    }

    private static long compute(int kind, long value, long operand) {
        return switch (kind) {
            case BpfAssembler.ADD -> value + operand;
            case BpfAssembler.OR -> value | operand;
            case BpfAssembler.AND -> value & operand;
            case BpfAssembler.LEFT -> value << operand;
            case BpfAssembler.RIGHT -> value >>> operand;
            case 0xB0 -> operand;
            default -> throw new IllegalStateException("unknown arithmetic " + kind);
        };
    }
}
