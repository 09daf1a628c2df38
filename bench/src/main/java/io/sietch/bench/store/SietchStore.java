package io.sietch.bench.store;

import io.sietch.persistent.AppendCallback;
import io.sietch.persistent.Codec;
import io.sietch.persistent.PersistentTable;
import io.sietch.persistent.Sietch;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Our table with all defaults. */
final class SietchStore implements Store {
    private final Sietch sietch;
    private final PersistentTable<byte[], byte[]> table;
    private final boolean durable;
    private final AppendCallback remember = this::done;
    private volatile @Nullable IOException failure;

    SietchStore(Path directory, Setup setup) throws IOException {
        this.durable = setup.durable();
        this.sietch = Sietch.open(directory);
        this.table = sietch.table("bench", Codec.bytes(), Codec.bytes());
    }

    private void done(long position, @Nullable IOException refusal) {
        if (refusal != null) {
            failure = refusal;
        }
    }

    @Override
    public Worker worker() {
        return new Worker() {
            @Override
            public byte @Nullable [] get(byte[] key) {
                return table.get(key);
            }

            @Override
            public void put(byte[] key, byte[] value) throws IOException {
                if (durable) {
                    table.put(key, value);
                } else {
                    table.putAsync(key, value, remember);
                }
            }
        };
    }

    @Override
    public void drain() throws IOException {
        table.sync().join();
        IOException refusal = failure;
        if (refusal != null) {
            throw new IOException("a put failed", refusal);
        }
    }

    @Override
    public void close() throws IOException {
        sietch.close();
    }
}
