package io.sietch.persistent;

import java.util.concurrent.Semaphore;

/**
 * How many requests of each kind a queue may have, answered ones excluded. Kinds do not take each other's room: who
 * waits for an item must not keep it from being offered, nor who waits for room from being made.
 */
final class RequestRoom {
    private final Semaphore offers;
    private final Semaphore takes;
    private final Semaphore settles;
    private final Semaphore others;

    RequestRoom(int each) {
        offers = new Semaphore(each);
        takes = new Semaphore(each);
        settles = new Semaphore(each);
        others = new Semaphore(each);
    }

    /** Takes room for a request, if there is any. Any thread. */
    boolean tryTake(QueueRequest<?> request) {
        Semaphore room = switch (request) {
            case QueueRequest.Offer offer -> offers;
            case QueueRequest.Take<?> take -> takes;
            case QueueRequest.Settle settle -> settles;
            case QueueRequest.Sync sync -> others;
            case QueueRequest.Look<?> look -> others;
        };
        if (!room.tryAcquire()) {
            return false;
        }
        request.occupies(room);
        return true;
    }
}
