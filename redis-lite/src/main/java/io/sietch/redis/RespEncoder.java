package io.sietch.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sietch.vnic.Flow;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Writes replies straight into the send buffer of a flow. Between {@link #begin} and {@link #end} it belongs to one
 * flow. When the flow may hold no more, {@link #overflowed} says so and the rest is dropped: the connection is to be
 * closed.
 */
final class RespEncoder implements ReplySink {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int PLUS_OK_CR = '+' | 'O' << 8 | 'K' << 16 | '\r' << 24;
    private static final short CRLF = '\r' | '\n' << 8;

    /** What a flow is asked for first: room for the replies to a usual pipeline. */
    private static final int FIRST_CLAIM = 1024;

    /** A type byte, a sign, 19 digits and a line end. */
    private static final int MAX_NUMBER_LINE = 24;

    private @Nullable Flow flow;
    private MemorySegment out = MemorySegment.NULL;
    private long origin;
    private long begun;
    private long at;
    private long limit;
    private boolean resp3;
    private boolean overflowed;

    /** Turns to a flow. */
    void begin(Flow target, boolean inResp3) {
        this.flow = target;
        resp3 = inResp3;
        overflowed = false;
        attach(target, FIRST_CLAIM);
    }

    private void attach(Flow flow, int length) {
        if (flow.claim(length)) {
            out = flow.claimedSegment();
            begun = flow.claimedOffset();
            limit = begun + flow.claimedLength();
        } else {
            out = MemorySegment.NULL;
            begun = 0;
            limit = 0;
            overflowed = true;
        }
        at = begun;
        origin = flow.committed() - begun;
    }

    /** The flow's protocol has changed. */
    void resp3(boolean inResp3) {
        resp3 = inResp3;
    }

    /** Where in the flow the next byte goes. */
    long position() {
        return origin + at;
    }

    /**
     * Drops everything from {@code position} on.
     *
     * @param position one that {@link #position} returned since {@link #begin}
     */
    void rewind(long position) {
        if (position - origin < begun) {
            // The buffer was replaced since, and what is to be dropped was committed on the way.
            Flow target = flow();
            target.commit((int) (at - begun));
            target.rewind(position);
            attach(target, MAX_NUMBER_LINE);
        } else {
            at = position - origin;
        }
    }

    /** Whether the flow may hold no more, and something was dropped. */
    boolean overflowed() {
        return overflowed;
    }

    /** Commits what was written, and lets go of the flow. */
    void end() {
        flow().commit((int) (at - begun));
        flow = null;
        out = MemorySegment.NULL;
    }

    private boolean room(int length) {
        return limit - at >= length || more(length);
    }

    private boolean more(int length) {
        if (overflowed) {
            return false;
        }
        Flow target = flow();
        target.commit((int) (at - begun));
        attach(target, length);
        return !overflowed;
    }

    private Flow flow() {
        Flow target = flow;
        if (target == null) {
            throw new IllegalStateException("a reply outside of begin and end");
        }
        return target;
    }

    @Override
    public void ok() {
        if (room(5)) {
            out.set(INT, at, PLUS_OK_CR);
            out.set(ValueLayout.JAVA_BYTE, at + 4, (byte) '\n');
            at += 5;
        }
    }

    @Override
    public void simpleString(String text) {
        line('+', text);
    }

    @Override
    public void error(String text) {
        line('-', text);
    }

    private void line(char type, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        if (!room(bytes.length + 3)) {
            return;
        }
        out.set(ValueLayout.JAVA_BYTE, at++, (byte) type);
        for (byte c : bytes) {
            out.set(ValueLayout.JAVA_BYTE, at++, c == '\r' || c == '\n' ? (byte) ' ' : c);
        }
        lineEnd();
    }

    @Override
    public void integer(long value) {
        if (room(MAX_NUMBER_LINE)) {
            numberLine(':', value);
        }
    }

    @Override
    public void bulk(byte[] bytes, int offset, int length) {
        if (room(addLine(length))) {
            numberLine('$', length);
            MemorySegment.copy(bytes, offset, out, ValueLayout.JAVA_BYTE, at, length);
            at += length;
            lineEnd();
        }
    }

    @Override
    public void bulk(MemorySegment source, long offset, int length) {
        if (room(addLine(length))) {
            numberLine('$', length);
            MemorySegment.copy(source, offset, out, at, length);
            at += length;
            lineEnd();
        }
    }

    private static int addLine(int length) {
        return (int) Math.min(Integer.MAX_VALUE, length + MAX_NUMBER_LINE + 2L);
    }

    @Override
    public void bulk(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        bulk(bytes, 0, bytes.length);
    }

    @Override
    public void bulk(long number) {
        if (room(2 * MAX_NUMBER_LINE)) {
            numberLine('$', digits(number));
            digitsAt(number);
            lineEnd();
        }
    }

    @Override
    public void nullBulk() {
        nothing('$');
    }

    @Override
    public void nullArray() {
        nothing('*');
    }

    private void nothing(char resp2Type) {
        if (room(MAX_NUMBER_LINE)) {
            if (resp3) {
                out.set(ValueLayout.JAVA_BYTE, at++, (byte) '_');
                lineEnd();
            } else {
                numberLine(resp2Type, -1);
            }
        }
    }

    @Override
    public void arrayHeader(int length) {
        if (room(MAX_NUMBER_LINE)) {
            numberLine('*', length);
        }
    }

    @Override
    public void mapHeader(int pairs) {
        if (room(MAX_NUMBER_LINE)) {
            numberLine(resp3 ? '%' : '*', resp3 ? pairs : 2L * pairs);
        }
    }

    private void numberLine(char type, long number) {
        if (number >= 0 && number < 100) {
            // Of nearly all values the length: the whole line in one go. What is behind it comes next.
            long tens = number / 10;
            long digits = tens == 0 ? '0' + number : '0' + tens | '0' + number % 10 << 8;
            int count = tens == 0 ? 1 : 2;
            out.set(LONG, at, type | digits << 8 | (long) CRLF << 8 + 8 * count);
            at += 3 + count;
            return;
        }
        out.set(ValueLayout.JAVA_BYTE, at++, (byte) type);
        digitsAt(number);
        lineEnd();
    }

    private void lineEnd() {
        out.set(SHORT, at, CRLF);
        at += 2;
    }

    /** How many characters the number takes in decimal. */
    private static int digits(long number) {
        int digits = number < 0 ? 2 : 1;
        for (long rest = number / 10; rest != 0; rest /= 10) {
            digits++;
        }
        return digits;
    }

    private void digitsAt(long number) {
        int digits = digits(number);
        // Taken off below zero, where there is room for one number more.
        long rest = number < 0 ? number : -number;
        long k = at + digits;
        do {
            out.set(ValueLayout.JAVA_BYTE, --k, (byte) ('0' - rest % 10));
            rest /= 10;
        } while (rest != 0);
        if (number < 0) {
            out.set(ValueLayout.JAVA_BYTE, --k, (byte) '-');
        }
        at += digits;
    }
}
