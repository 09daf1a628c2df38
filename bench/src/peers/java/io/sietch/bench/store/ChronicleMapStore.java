package io.sietch.bench.store;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import org.jspecify.annotations.Nullable;

/** Chronicle Map in a file: nothing of it is durable, everything is in the page cache. */
final class ChronicleMapStore implements Store {
    private static final double ROOM = 1.2;

    private final ChronicleMap<byte[], byte[]> map;

    ChronicleMapStore(Path directory, Setup setup) throws IOException {
        ChronicleMapBuilder<byte[], byte[]> builder = ChronicleMapBuilder.of(byte[].class, byte[].class)
                .name("bench")
                .constantKeySizeBySample(new byte[Data.KEY_BYTES])
                .constantValueSizeBySample(new byte[setup.valueBytes()])
                .entries((long) (setup.entries() * ROOM))
                .putReturnsNull(true);
        File file = directory.resolve("map.dat").toFile();
        // Opening a file that was not closed is not enough: its locks may be held by the dead.
        this.map = file.exists() ? builder.recoverPersistedTo(file, true) : builder.createPersistedTo(file);
    }

    @Override
    public Worker worker() {
        return new Worker() {
            private byte @Nullable [] using;

            @Override
            public byte @Nullable [] get(byte[] key) {
                byte[] found = map.getUsing(key, using);
                if (found != null) {
                    using = found;
                }
                return found;
            }

            @Override
            public void put(byte[] key, byte[] value) {
                map.put(key, value);
            }
        };
    }

    @Override
    public void close() {
        map.close();
    }
}
