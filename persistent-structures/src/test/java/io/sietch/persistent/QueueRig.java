package io.sietch.persistent;

import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.Media;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A queue on the medium, controller and thread of a {@link LogRig}. */
final class QueueRig {
    private static final int COMMITS_MAX = 100;

    final LogRig log;
    QueueOptions options = new QueueOptions(16, 4);

    QueueRig(Media media) {
        this.log = new LogRig(media);
    }

    /** Attaches anew, as after a restart, and opens. */
    QueueCore open() throws IOException {
        log.controller = new StorageController(log.media, ControllerOptions.inline(() -> log.now));
        log.vsic = log.controller.createVsic("queue", log.queue);
        log.area = log.controller.attach(log.vsic, log.areaId, log.extents, log.rights);
        return QueueCore.open(log.vsic, log.area, log.controller, Waiter.BUSY, log.options, options);
    }

    /** Polls until nothing moves. */
    void settle(QueueCore queue) {
        while (queue.poll() + log.controller.poll() > 0) {
            log.now++;
        }
    }

    void commit(QueueCore queue) {
        queue.commit();
        settle(queue);
    }

    /** Offers, polling while the queue is busy. */
    long offer(QueueCore queue, byte[] value) {
        while (true) {
            long end = queue.offer(MemorySegment.ofArray(value), 0, value.length);
            if (end != LogCore.BUSY) {
                return end;
            }
            queue.commit();
            queue.poll();
            log.controller.poll();
        }
    }

    /** Finds the next item, making horizons durable as needed, and leases it. */
    long lease(QueueCore queue) {
        for (int i = 0; queue.next() && i < COMMITS_MAX; i++) {
            long id = queue.id();
            switch (queue.lease()) {
                case LEASED -> {
                    return id;
                }
                case NOT_YET -> commit(queue);
                case TOO_MANY -> throw new AssertionError("too many leases: " + queue.leases());
            }
        }
        throw new AssertionError("no item, or it cannot be leased");
    }

    /** The value of the item that was found. */
    static byte[] value(QueueCore queue) {
        return queue.segment().asSlice(queue.offset(), queue.length()).toArray(ValueLayout.JAVA_BYTE);
    }
}
