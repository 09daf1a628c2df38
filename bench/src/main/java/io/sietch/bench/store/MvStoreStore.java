package io.sietch.bench.store;

import java.nio.file.Path;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.jspecify.annotations.Nullable;

/** H2's MVStore; without waiting, it commits in the background as by default. */
final class MvStoreStore implements Store {
    private static final int CACHE_MIB = 256;

    private final MVStore store;
    private final MVMap<byte[], byte[]> map;
    private final boolean durable;

    MvStoreStore(Path directory, Setup setup) {
        this.durable = setup.durable();
        MVStore.Builder builder = new MVStore.Builder()
                .fileName(directory.resolve("store.mv").toString())
                .cacheSize(CACHE_MIB);
        this.store = durable ? builder.autoCommitDisabled().open() : builder.open();
        this.map = store.openMap(
                "bench",
                new MVMap.Builder<byte[], byte[]>()
                        .keyType(ByteArrayDataType.INSTANCE)
                        .valueType(ByteArrayDataType.INSTANCE));
    }

    @Override
    public Worker worker() {
        return new Worker() {
            @Override
            public byte @Nullable [] get(byte[] key) {
                return map.get(key);
            }

            @Override
            public void put(byte[] key, byte[] value) {
                map.put(key.clone(), value.clone());
                if (durable) {
                    store.commit();
                    store.sync();
                }
            }
        };
    }

    @Override
    public void drain() {
        store.commit();
        store.sync();
    }

    @Override
    public void close() {
        store.close();
    }
}
