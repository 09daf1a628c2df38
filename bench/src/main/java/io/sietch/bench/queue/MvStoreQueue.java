package io.sietch.bench.queue;

import io.sietch.bench.queue.QueueCase.Promise;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/** A queue as one makes it of an ordered map: H2's MVStore, with numbers for keys. One thread removes. */
final class MvStoreQueue implements BenchQueue {
    private final MVStore store;
    private final MVMap<Long, byte[]> map;
    private final Promise promise;
    private final AtomicLong next = new AtomicLong();

    MvStoreQueue(Path directory, Promise promise) {
        this.promise = promise;
        MVStore.Builder builder =
                new MVStore.Builder().fileName(directory.resolve("queue.mv").toString());
        this.store = promise == Promise.NOBODY_WAITS
                ? builder.open()
                : builder.autoCommitDisabled().open();
        this.map = store.openMap("bench");
    }

    @Override
    public Worker worker() {
        return new Worker() {
            @Override
            public void offer(byte[] item) {
                map.put(next.getAndIncrement(), item.clone());
                if (promise != Promise.NOBODY_WAITS) {
                    flush();
                }
            }

            @Override
            public int poll(int max) {
                int count = 0;
                while (count < max) {
                    Long first = map.firstKey();
                    if (first == null) {
                        break;
                    }
                    map.remove(first);
                    count++;
                }
                if (count > 0 && promise == Promise.DURABLE) {
                    flush();
                }
                return count;
            }

            private void flush() {
                store.commit();
                store.sync();
            }
        };
    }

    @Override
    public void close() {
        store.close();
    }
}
