package io.sietch.bench.log;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/** H2's MVStore as a log: each record an entry under the next number, committed and then synced. */
final class MvStoreLog implements LogContender {
    private final MVStore store;
    private final MVMap<Long, byte[]> map;
    private final AtomicLong next = new AtomicLong();

    MvStoreLog(Path directory) {
        this.store = new MVStore.Builder()
                .fileName(directory.resolve("store.mv").toString())
                .autoCommitDisabled()
                .open();
        this.map = store.openMap("log");
    }

    @Override
    public Writer writer() {
        return payload -> {
            map.put(next.getAndIncrement(), payload.bytes());
            store.commit();
            store.sync();
        };
    }

    @Override
    public void close() {
        store.closeImmediately();
    }
}
