package io.sietch.redis;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Takes replies, reads their first byte so that finding it is not optimised away, and refuses errors. */
final class CountingReply implements ReplySink {
    private long sum;

    /** A number that depends on every reply so far. */
    long sum() {
        return sum;
    }

    @Override
    public void ok() {
        sum++;
    }

    @Override
    public void simpleString(String text) {
        sum += text.length();
    }

    @Override
    public void error(String text) {
        throw new IllegalStateException("a request failed: " + text);
    }

    @Override
    public void integer(long value) {
        sum += value;
    }

    @Override
    public void bulk(byte[] bytes, int offset, int length) {
        sum += bytes[offset];
    }

    @Override
    public void bulk(MemorySegment source, long offset, int length) {
        sum += source.get(ValueLayout.JAVA_BYTE, offset);
    }

    @Override
    public void bulk(String text) {
        bulk(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void bulk(long number) {
        sum += number;
    }

    @Override
    public void nullBulk() {
        throw new IllegalStateException("a key is missing");
    }

    @Override
    public void nullArray() {
        throw new IllegalStateException("a key is missing");
    }

    @Override
    public void arrayHeader(int length) {
        sum += length;
    }

    @Override
    public void mapHeader(int pairs) {
        sum += pairs;
    }
}
