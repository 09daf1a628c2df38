package io.sietch.bench.store;

import java.nio.file.Path;
import java.util.Arrays;
import jetbrains.exodus.ArrayByteIterable;
import jetbrains.exodus.ByteIterable;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.EnvironmentConfig;
import jetbrains.exodus.env.Environments;
import jetbrains.exodus.env.StoreConfig;
import jetbrains.exodus.env.Transaction;
import org.jspecify.annotations.Nullable;

/** Xodus: each put a transaction; loading, many puts to one. */
final class XodusStore implements Store {
    private static final int BATCH = 1000;

    private final Environment environment;
    private final jetbrains.exodus.env.Store store;

    XodusStore(Path directory, Setup setup) {
        EnvironmentConfig config = new EnvironmentConfig().setLogDurableWrite(setup.durable());
        this.environment = Environments.newInstance(directory.toFile(), config);
        this.store = environment.computeInTransaction(
                txn -> environment.openStore("bench", StoreConfig.WITHOUT_DUPLICATES, txn));
    }

    @Override
    public Worker worker() {
        return new XodusWorker();
    }

    private final class XodusWorker implements Worker {
        private @Nullable Transaction loading;
        private int gathered;

        @Override
        public byte @Nullable [] get(byte[] key) {
            Transaction txn = environment.beginReadonlyTransaction();
            try {
                ByteIterable found = store.get(txn, new ArrayByteIterable(key));
                return found == null ? null : Arrays.copyOf(found.getBytesUnsafe(), found.getLength());
            } finally {
                txn.abort();
            }
        }

        @Override
        public void put(byte[] key, byte[] value) {
            environment.executeInExclusiveTransaction(txn -> put(txn, key, value));
        }

        private void put(Transaction txn, byte[] key, byte[] value) {
            store.put(txn, new ArrayByteIterable(key.clone()), new ArrayByteIterable(value.clone()));
        }

        @Override
        public void load(byte[] key, byte[] value) {
            Transaction txn = loading;
            if (txn == null) {
                txn = environment.beginExclusiveTransaction();
                loading = txn;
            }
            put(txn, key, value);
            if (++gathered % BATCH == 0) {
                endLoad();
            }
        }

        @Override
        public void endLoad() {
            Transaction txn = loading;
            if (txn != null) {
                txn.commit();
                loading = null;
            }
        }
    }

    @Override
    public void close() {
        environment.close();
    }
}
