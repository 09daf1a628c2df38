package io.sietch.bench.store;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.mapdb.DB;
import org.mapdb.DBMaker;
import org.mapdb.HTreeMap;
import org.mapdb.Serializer;

/**
 * MapDB's hash map with its write-ahead log: without that, a crash leaves a file that does not open. Each commit is
 * flushed; without waiting, there is one for many puts.
 */
final class MapDbStore implements Store {
    private static final int BATCH = 10_000;

    private final DB db;
    private final HTreeMap<byte[], byte[]> map;
    private final boolean durable;
    private final AtomicLong puts = new AtomicLong();

    MapDbStore(Path directory, Setup setup) {
        this.durable = setup.durable();
        this.db = DBMaker.fileDB(directory.resolve("store.mapdb").toFile())
                .transactionEnable()
                .make();
        this.map = db.hashMap("bench", Serializer.BYTE_ARRAY, Serializer.BYTE_ARRAY)
                .createOrOpen();
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
                if (durable || puts.incrementAndGet() % BATCH == 0) {
                    db.commit();
                }
            }
        };
    }

    @Override
    public void drain() {
        db.commit();
    }

    @Override
    public void close() {
        db.close();
    }
}
