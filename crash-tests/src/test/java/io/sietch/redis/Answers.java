package io.sietch.redis;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/** Writes replies down, each element as text. */
@NullMarked
final class Answers implements ReplySink {
    private final List<String> elements = new ArrayList<>();

    /** What was written since the last call, without headers. */
    List<String> take() {
        List<String> taken = List.copyOf(elements);
        elements.clear();
        return taken;
    }

    @Override
    public void ok() {
        elements.add("OK");
    }

    @Override
    public void simpleString(String text) {
        elements.add(text);
    }

    @Override
    public void error(String text) {
        elements.add("-" + text);
    }

    @Override
    public void integer(long value) {
        elements.add(Long.toString(value));
    }

    @Override
    public void bulk(byte[] bytes, int offset, int length) {
        elements.add(new String(bytes, offset, length, StandardCharsets.ISO_8859_1));
    }

    @Override
    public void bulk(MemorySegment source, long offset, int length) {
        elements.add(
                new String(source.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1));
    }

    @Override
    public void bulk(String text) {
        elements.add(text);
    }

    @Override
    public void bulk(long number) {
        elements.add(Long.toString(number));
    }

    @Override
    public void nullBulk() {
        elements.add("(nil)");
    }

    @Override
    public void nullArray() {
        elements.add("(nil)");
    }

    @Override
    public void arrayHeader(int length) {
        // the elements tell
    }

    @Override
    public void mapHeader(int pairs) {
        // the elements tell
    }
}
