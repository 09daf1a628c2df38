package io.sietch.vnic.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * What {@code bpf(2)} is told, {@code union bpf_attr}: for each command another layout, in the machine's byte order.
 * What is not named is 0. A descriptor is that of a file.
 *
 * <pre>
 *                 0            4             8              12            16         24           28         32
 *  make a map     ├ kind ──────┼ key bytes ──┼ value bytes ─┼ entries ────┤
 *  get, set,      ├ map ───────┼ 0 ──────────┼ key's address ─────────────┼ value's ─┤
 *  delete
 *  load           ├ kind ──────┼ instructions ┼ their address ────────────┼ license's ┼ log level ┼ log bytes ┼ log's ┤
 *  try out        ├ program ───┼ verdict ────┼ bytes in ────┼ bytes out ──┼ their address ┤
 *  attach         ├ program ───┼ interface ──┼ place ───────┤
 *  exchange       ├ link ──────┼ program ────┤
 *  detach         ├ link ──────┤
 * </pre>
 */
final class BpfFormat {
    /** More than the kernel looks at; it asks for zeros in what it does not know. */
    static final int BYTES = 128;

    static final int MAKE_MAP = 0;
    static final int GET = 1;
    static final int SET = 2;
    static final int DELETE = 3;
    static final int LOAD = 5;
    static final int TRY_OUT = 10;
    static final int ATTACH = 28;
    static final int EXCHANGE = 29;

    private static final int ARRAY = 2;
    private static final int MAP_OF_SOCKETS = 17;
    private static final int FILTER_OF_FRAMES = 6;
    private static final int AT_RECEPTION = 37;

    private static final int VERDICT = 4;

    private BpfFormat() {}

    private static MemorySegment ints(MemorySegment attribute, int... values) {
        attribute.fill((byte) 0);
        for (int i = 0; i < values.length; i++) {
            attribute.set(JAVA_INT, 4L * i, values[i]);
        }
        return attribute;
    }

    static void writeMapOfSockets(MemorySegment attribute, int entries) {
        ints(attribute, MAP_OF_SOCKETS, Integer.BYTES, Integer.BYTES, entries);
    }

    static void writeArray(MemorySegment attribute, int valueBytes) {
        ints(attribute, ARRAY, Integer.BYTES, valueBytes, 1);
    }

    static void writeEntry(MemorySegment attribute, int map, long key, long value) {
        ints(attribute, map).set(JAVA_LONG, 8, key);
        attribute.set(JAVA_LONG, 16, value);
    }

    static void writeLoad(MemorySegment attribute, int instructions, long code, long license, long log, int logBytes) {
        ints(attribute, FILTER_OF_FRAMES, instructions).set(JAVA_LONG, 8, code);
        attribute.set(JAVA_LONG, 16, license);
        attribute.set(JAVA_INT, 24, logBytes == 0 ? 0 : 1);
        attribute.set(JAVA_INT, 28, logBytes);
        attribute.set(JAVA_LONG, 32, log);
    }

    static void writeTrial(MemorySegment attribute, int program, long frame, int frameBytes) {
        ints(attribute, program, 0, frameBytes).set(JAVA_LONG, 16, frame);
    }

    static int verdict(MemorySegment attribute) {
        return attribute.get(JAVA_INT, VERDICT);
    }

    static void writeAttach(MemorySegment attribute, int program, int interfaceIndex) {
        ints(attribute, program, interfaceIndex, AT_RECEPTION);
    }

    static void writeExchange(MemorySegment attribute, int link, int program) {
        ints(attribute, link, program);
    }
}
