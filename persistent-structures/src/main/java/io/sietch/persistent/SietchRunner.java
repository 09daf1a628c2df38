package io.sietch.persistent;

import io.sietch.vsic.Poller;
import io.sietch.vsic.StorageController;
import java.util.ArrayList;
import java.util.List;

/** Polls the logs and the controller below them. The list changes on the polling thread only. */
final class SietchRunner implements Poller {
    private final List<PersistentLog> logs = new ArrayList<>();
    private final StorageController controller;

    SietchRunner(StorageController controller) {
        this.controller = controller;
    }

    StorageController controller() {
        return controller;
    }

    void add(PersistentLog log) {
        logs.add(log);
    }

    @Override
    public int poll() {
        int work = 0;
        for (int i = logs.size() - 1; i >= 0; i--) {
            PersistentLog log = logs.get(i);
            if (log.hasEnded()) {
                logs.remove(i);
            } else {
                work += log.pollSafely();
            }
        }
        return work + controller.poll();
    }

    @Override
    public long idleNanos() {
        return controller.idleNanos();
    }
}
