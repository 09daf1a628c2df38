package io.sietch.vsic;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The arena of a window on the medium, made when the medium uses it. Media that show memory of their own do not; and
 * closing a shared arena makes every thread of the process stop for it.
 */
final class WindowArena implements Arena {
    private @Nullable Arena used;

    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    private Arena used() {
        Arena arena = used;
        if (arena == null) {
            arena = Arena.ofShared();
            used = arena;
        }
        return arena;
    }

    @Override
    public MemorySegment.Scope scope() {
        return used().scope();
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
        return used().allocate(byteSize, byteAlignment);
    }

    @Override
    public void close() {
        if (used != null) {
            used.close();
        }
    }
}
