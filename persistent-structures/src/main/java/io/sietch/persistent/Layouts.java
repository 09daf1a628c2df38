package io.sietch.persistent;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** How numbers lie on the medium: little-endian. Unaligned layouts, because views may begin anywhere. */
final class Layouts {
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Layouts() {}

    /** {@code value} rounded up to a multiple of {@code unit}, a power of two. */
    static long alignUp(long value, int unit) {
        return (value + unit - 1) & -unit;
    }

    /** {@code value} rounded up to a multiple of {@code unit}, a power of two. */
    static int alignUp(int value, int unit) {
        return (value + unit - 1) & -unit;
    }
}
