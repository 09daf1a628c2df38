package io.sietch.redis;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Writes replies down as RESP2; each byte is one character. */
final class TextReply implements ReplySink {
    private final StringBuilder text = new StringBuilder();

    /** What was written since the last call. */
    String take() {
        String taken = text.toString();
        text.setLength(0);
        return taken;
    }

    @Override
    public void ok() {
        simpleString("OK");
    }

    @Override
    public void simpleString(String ascii) {
        text.append('+').append(ascii).append("\r\n");
    }

    @Override
    public void error(String codeAndText) {
        text.append('-')
                .append(codeAndText.replace('\r', ' ').replace('\n', ' '))
                .append("\r\n");
    }

    @Override
    public void integer(long value) {
        text.append(':').append(value).append("\r\n");
    }

    @Override
    public void bulk(byte[] source, int offset, int length) {
        text.append('$').append(length).append("\r\n");
        text.append(new String(source, offset, length, StandardCharsets.ISO_8859_1))
                .append("\r\n");
    }

    @Override
    public void bulk(MemorySegment source, long offset, int length) {
        bulk(source.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), 0, length);
    }

    @Override
    public void bulk(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        bulk(bytes, 0, bytes.length);
    }

    @Override
    public void bulk(long number) {
        bulk(Long.toString(number));
    }

    @Override
    public void nullBulk() {
        text.append("$-1\r\n");
    }

    @Override
    public void nullArray() {
        text.append("*-1\r\n");
    }

    @Override
    public void arrayHeader(int count) {
        text.append('*').append(count).append("\r\n");
    }

    @Override
    public void mapHeader(int count) {
        text.append('*').append(2 * count).append("\r\n");
    }
}
