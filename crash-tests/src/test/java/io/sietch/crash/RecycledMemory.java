package io.sietch.crash;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Memory for the buffers of one life after another: what a life has no use for any more the next one takes, made zero
 * again. Two lives of a subject never overlap on a thread.
 *
 * <p>Threads: one; each has its own, see {@link #ofThisThread}.
 */
public final class RecycledMemory implements Arena {
    private record Shape(long size, long alignment) {}

    private static final ThreadLocal<RecycledMemory> OF_THREAD = ThreadLocal.withInitial(RecycledMemory::new);

    private final Map<Shape, Deque<MemorySegment>> free = new HashMap<>();
    private final Map<Shape, Deque<MemorySegment>> taken = new HashMap<>();

    private RecycledMemory() {}

    /** That of the calling thread, all of it free: what an earlier life took it must not touch any more. */
    public static RecycledMemory ofThisThread() {
        RecycledMemory memory = OF_THREAD.get();
        memory.taken.forEach(
                (shape, segments) -> memory.ofShape(memory.free, shape).addAll(segments));
        memory.taken.values().forEach(Deque::clear);
        return memory;
    }

    /** Leaves everything as it is: the next life takes it. */
    @Override
    public void close() {}

    @Override
    public MemorySegment.Scope scope() {
        throw new UnsupportedOperationException("each segment has one of its own");
    }

    @Override
    public MemorySegment allocate(long size, long alignment) {
        Shape shape = new Shape(size, alignment);
        MemorySegment segment = ofShape(free, shape).poll();
        if (segment == null) {
            segment = Arena.ofAuto().allocate(size, alignment);
        } else {
            segment.fill((byte) 0);
        }
        ofShape(taken, shape).add(segment);
        return segment;
    }

    private Deque<MemorySegment> ofShape(Map<Shape, Deque<MemorySegment>> segments, Shape shape) {
        return segments.computeIfAbsent(shape, any -> new ArrayDeque<>());
    }
}
