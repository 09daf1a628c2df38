package io.sietch.bench.store;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.Txn;

/**
 * LMDB: each put a transaction, with a flush at its end or (without waiting) with none until {@link #drain}; loading,
 * many puts to a transaction. A reader keeps its transaction and renews it.
 */
final class LmdbStore implements Store {
    private static final long SPARE_BYTES = 1L << 30;
    private static final int SPACE = 6;
    private static final int MAX_READERS = 256;
    private static final int BATCH = 1000;

    private final Env<ByteBuffer> env;
    private final Dbi<ByteBuffer> dbi;

    LmdbStore(Path directory, Setup setup) {
        long bytes = SPARE_BYTES + SPACE * setup.entries() * (Data.KEY_BYTES + setup.valueBytes());
        Env.Builder<ByteBuffer> builder =
                Env.create().setMapSize(bytes).setMaxDbs(1).setMaxReaders(MAX_READERS);
        EnvFlags[] flags = setup.durable()
                ? new EnvFlags[] {EnvFlags.MDB_NOTLS}
                : new EnvFlags[] {EnvFlags.MDB_NOTLS, EnvFlags.MDB_NOSYNC};
        this.env = builder.open(directory.toFile(), flags);
        this.dbi = env.openDbi("bench", DbiFlags.MDB_CREATE);
    }

    @Override
    public Worker worker() {
        return new LmdbWorker();
    }

    private final class LmdbWorker implements Worker {
        private final ByteBuffer keyBuffer = ByteBuffer.allocateDirect(Data.KEY_BYTES);
        private ByteBuffer valueBuffer = ByteBuffer.allocateDirect(1024);
        private byte[] result = new byte[0];
        private @Nullable Txn<ByteBuffer> reading;
        private @Nullable Txn<ByteBuffer> loading;
        private int gathered;

        @Override
        public byte @Nullable [] get(byte[] key) {
            keyBuffer.clear().put(key).flip();
            Txn<ByteBuffer> txn = reading;
            if (txn == null) {
                txn = env.txnRead();
                reading = txn;
            } else {
                txn.renew();
            }
            try {
                ByteBuffer found = dbi.get(txn, keyBuffer);
                if (found == null) {
                    return null;
                }
                if (result.length != found.remaining()) {
                    result = new byte[found.remaining()];
                }
                found.get(result);
                return result;
            } finally {
                txn.reset();
            }
        }

        @Override
        public void put(byte[] key, byte[] value) {
            try (Txn<ByteBuffer> txn = env.txnWrite()) {
                put(txn, key, value);
                txn.commit();
            }
        }

        private void put(Txn<ByteBuffer> txn, byte[] key, byte[] value) {
            if (valueBuffer.capacity() < value.length) {
                valueBuffer = ByteBuffer.allocateDirect(value.length);
            }
            keyBuffer.clear().put(key).flip();
            valueBuffer.clear().put(value).flip();
            dbi.put(txn, keyBuffer, valueBuffer);
        }

        @Override
        public void load(byte[] key, byte[] value) {
            Txn<ByteBuffer> txn = loading;
            if (txn == null) {
                txn = env.txnWrite();
                loading = txn;
            }
            put(txn, key, value);
            if (++gathered % BATCH == 0) {
                endLoad();
            }
        }

        @Override
        public void endLoad() {
            Txn<ByteBuffer> txn = loading;
            if (txn != null) {
                txn.commit();
                txn.close();
                loading = null;
            }
        }

        @Override
        public void close() {
            Txn<ByteBuffer> txn = reading;
            if (txn != null) {
                txn.close();
                reading = null;
            }
        }
    }

    @Override
    public void drain() {
        env.sync(true);
    }

    @Override
    public void close() {
        env.close();
    }
}
