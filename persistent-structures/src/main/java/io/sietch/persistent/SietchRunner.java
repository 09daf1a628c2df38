package io.sietch.persistent;

import io.sietch.vsic.Poller;
import io.sietch.vsic.StorageController;
import java.util.ArrayList;
import java.util.List;

/** Polls the structures and the controller below them. The list changes on the polling thread only. */
final class SietchRunner implements Poller {
    private final List<Hosted> structures = new ArrayList<>();
    private final StorageController controller;

    SietchRunner(StorageController controller) {
        this.controller = controller;
    }

    StorageController controller() {
        return controller;
    }

    void add(Hosted structure) {
        structures.add(structure);
    }

    @Override
    public int poll() {
        int work = 0;
        for (int i = structures.size() - 1; i >= 0; i--) {
            Hosted structure = structures.get(i);
            if (structure.hasEnded()) {
                structures.remove(i);
            } else {
                work += structure.pollSafely();
            }
        }
        return work + controller.poll();
    }

    @Override
    public long idleNanos() {
        long idle = controller.idleNanos();
        for (int i = 0; i < structures.size(); i++) {
            idle = Math.min(idle, structures.get(i).idleNanos());
        }
        return idle;
    }
}
