package io.sietch.vsic;

import java.lang.foreign.MemorySegment;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.bytes.PointerBytesStore;

/**
 * The only class here that needs Chronicle Bytes, so that nothing else is linked against it: verifying a method that
 * widens {@link PointerBytesStore} to {@link BytesStore} loads both.
 */
final class ChronicleView {
    private ChronicleView() {}

    static BytesStore<?, Void> of(MemorySegment segment) {
        PointerBytesStore store = new PointerBytesStore();
        store.set(segment.address(), segment.byteSize());
        return store;
    }
}
