package io.sietch.vsic;

/** Where a component gets its time from: {@code System::nanoTime} in production, a counter in tests. */
@FunctionalInterface
public interface NanoClock {
    /** The time in nanoseconds since an arbitrary origin; never goes backwards. */
    long nanoTime();
}
