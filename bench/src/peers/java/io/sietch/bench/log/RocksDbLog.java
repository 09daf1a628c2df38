package io.sietch.bench.log;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * RocksDB's write-ahead log: each record a put with {@code sync = true}. Writers that wait at the same time share one
 * sync. Compiled with the Maven profile {@code peers} only and found by name.
 */
final class RocksDbLog implements LogContender {
    private final Options options;
    private final WriteOptions writeOptions;
    private final RocksDB db;
    private final AtomicLong next = new AtomicLong();

    RocksDbLog(Path directory) throws RocksDBException {
        RocksDB.loadLibrary();
        this.options = new Options().setCreateIfMissing(true);
        this.writeOptions = new WriteOptions().setSync(true);
        this.db = RocksDB.open(options, directory.resolve("rocksdb").toString());
    }

    @Override
    public Writer writer() {
        byte[] key = new byte[Long.BYTES];
        return payload -> {
            ByteBuffer.wrap(key).putLong(next.getAndIncrement());
            db.put(writeOptions, key, payload.bytes());
        };
    }

    @Override
    public void close() {
        db.close();
        writeOptions.close();
        options.close();
    }
}
