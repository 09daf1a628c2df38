package io.sietch.bench.store;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/** RocksDB with its usual tuning: a block cache, Bloom filters, as many background jobs as cores. */
final class RocksDbStore implements Store {
    private static final long CACHE_BYTES = 512L << 20;
    private static final double BLOOM_BITS = 10;

    private final Options options;
    private final WriteOptions writeOptions;
    private final RocksDB db;

    RocksDbStore(Path directory, Setup setup) throws RocksDBException {
        RocksDB.loadLibrary();
        this.options = new Options()
                .setCreateIfMissing(true)
                .setIncreaseParallelism(Runtime.getRuntime().availableProcessors())
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(new LRUCache(CACHE_BYTES))
                        .setFilterPolicy(new BloomFilter(BLOOM_BITS)));
        this.writeOptions = new WriteOptions().setSync(setup.durable());
        this.db = RocksDB.open(options, directory.resolve("rocksdb").toString());
    }

    @Override
    public Worker worker() {
        return new Worker() {
            @Override
            public byte @Nullable [] get(byte[] key) throws RocksDBException {
                return db.get(key);
            }

            @Override
            public void put(byte[] key, byte[] value) throws RocksDBException {
                db.put(writeOptions, key, value);
            }
        };
    }

    @Override
    public void drain() throws RocksDBException {
        db.flushWal(true);
    }

    @Override
    public void close() {
        db.close();
        writeOptions.close();
        options.close();
    }
}
