package io.sietch.persistent;

import io.sietch.persistent.QueueRequest.Look;
import io.sietch.persistent.QueueRequest.Offer;
import io.sietch.persistent.QueueRequest.Settle;
import io.sietch.persistent.QueueRequest.Sync;
import io.sietch.persistent.QueueRequest.Take;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The queue's side of the requests: serves them, and answers each when what it did is durable.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A request is in the mailbox, in one of the deques, or answered.
 *   <li>Requests that wait for an item or for room are served in the order in which they came.
 *   <li>A request that changes the queue was begun, so it cannot be withdrawn, before it changed anything.
 *   <li>There are as many requests of a kind as there is room for ({@link RequestRoom}), which each takes before it is
 *       handed over and gives back when it is answered or found withdrawn.
 * </ol>
 *
 * <p>Threads: the queue's, where nothing else is said.
 */
final class QueueOwner implements Hosted, CallerTurn {
    private static final Logger LOG = System.getLogger(QueueOwner.class.getPackageName());

    /** Waiting requests that a caller looks through before it does the work of the queue's thread. */
    private static final int LOOKS_MAX = 16;

    private final String name;
    private final QueueCore core;
    private final Mailbox<QueueRequest<?>> mailbox;
    private final AutoGrowth growth;
    private final int maxWaiting;
    private final Runnable afterClose;

    private final Deque<Offer> offers = new ArrayDeque<>();
    private final Deque<Take<?>> takes = new ArrayDeque<>();
    private final Deque<Settle> settles = new ArrayDeque<>();
    private final Deque<Sync> syncs = new ArrayDeque<>();
    private final Deque<Offer> offersUnderWay = new ArrayDeque<>();
    private final Deque<QueueRequest<?>> acksUnderWay = new ArrayDeque<>();
    private final List<Deque<? extends QueueRequest<?>>> all =
            List.of(offers, takes, settles, syncs, offersUnderWay, acksUnderWay);
    private final WakeUps wakeUps = new WakeUps();
    private final GuestTurn guest = new GuestTurn(this::poll);
    private boolean busy;
    private boolean commitWanted;
    private volatile boolean closed;
    private volatile boolean ended;

    QueueOwner(
            String name,
            QueueCore core,
            Mailbox<QueueRequest<?>> mailbox,
            LogGrowth growth,
            SietchOptions options,
            Runnable afterClose) {
        this.name = name;
        this.core = core;
        this.mailbox = mailbox;
        this.growth = new AutoGrowth(this, core.log(), growth, options.maxLogBytes());
        this.maxWaiting = options.ringEntries();
        this.afterClose = afterClose;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public LogCore log() {
        return core.log();
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public boolean hasEnded() {
        return ended;
    }

    @Override
    public int pollSafely() {
        try {
            guest.rethrow();
            return poll();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "queue \"" + name + "\" ended by a failure", e);
            closed = true;
            failAll(failure());
            end();
            return 1;
        }
    }

    @Override
    public int pollForCaller() {
        return guest.poll(hasOthers());
    }

    @Override
    public boolean owesOthers() {
        return guest.owesOthers();
    }

    /** Whether requests wait here whose futures others see. Where many wait, that is not worth looking. */
    private boolean hasOthers() {
        if (offers.size() + takes.size() > LOOKS_MAX) {
            return true;
        }
        for (Deque<? extends QueueRequest<?>> waiting : all) {
            for (QueueRequest<?> request : waiting) {
                if (request.isSeen()) {
                    return true;
                }
            }
        }
        return false;
    }

    private int poll() {
        if (ended) {
            return 0;
        }
        int work = growth.poll() + receive();
        if (core.isFailed()) {
            failAll(failure());
            return work + core.poll();
        }
        work += serve();
        if (work > 0 || commitWanted) {
            commitWanted = false;
            core.commit();
            growth.askForRoom(Long.MAX_VALUE);
        }
        return work + core.poll() + answer();
    }

    /** Takes what was handed over. Returns how many. */
    private int receive() {
        int received = 0;
        QueueRequest<?> request;
        while (received < maxWaiting && (request = mailbox.peek()) != null) {
            if (request.isSeen() && guest.isPolling()) {
                guest.leaveToOthers();
                break;
            }
            mailbox.poll();
            received++;
            switch (request) {
                case Offer offer -> offers.add(offer);
                case Take<?> take -> takes.add(take);
                case Settle settle -> settles.add(settle);
                case Sync sync -> syncs.add(sync);
                case Look<?> look -> look(look);
            }
        }
        return received;
    }

    private <R extends @Nullable Object> void look(Look<R> look) {
        try {
            look.answer = look.body.look(core);
            look.succeed();
        } catch (IOException | RuntimeException e) {
            look.fail(e);
        }
    }

    // ---- serving ------------------------------------------------------------------------------------------------

    private int serve() {
        busy = false;
        int served = serveOffers() + serveSettles() + serveTakes();
        while (!busy && !syncs.isEmpty()) {
            Sync sync = syncs.remove();
            sync.needsDurable = core.log().appended();
            sync.needsAcks = core.acknowledged();
            acksUnderWay.add(sync);
            served++;
        }
        return served;
    }

    private int serveOffers() {
        int served = 0;
        Offer offer;
        while ((offer = offers.peek()) != null) {
            long end = core.claim(offer.length);
            if (end == LogCore.BUSY || end == LogCore.NO_SPACE && growth.mayGrow(Long.MAX_VALUE)) {
                busy = true;
                return served;
            }
            if (end == LogCore.NO_SPACE) {
                return served + refuseOffers();
            }
            offers.remove();
            served++;
            if (end < 0) {
                offer.fail(failure());
            } else if (offer.begin()) {
                MemorySegment.copy(offer.bytes, 0, core.claimedSegment(), core.claimedOffset(), offer.length);
                offer.needsDurable = core.publish();
                offer.answer = true;
                offersUnderWay.add(offer);
            } else {
                core.abandon();
                offer.makeRoom();
            }
        }
        return served;
    }

    /** There is no room: tells those that do not wait, and forgets those that do not wait any more. */
    private int refuseOffers() {
        int before = offers.size();
        for (Iterator<Offer> all = offers.iterator(); all.hasNext(); ) {
            Offer offer = all.next();
            if (offer.isSettled()) {
                all.remove();
                offer.makeRoom();
            } else if (!offer.waits && offer.begin()) {
                all.remove();
                offer.answer = false;
                offer.succeed();
            }
        }
        return before - offers.size();
    }

    private int serveSettles() {
        int served = 0;
        while (!settles.isEmpty() && core.hasAckRoom()) {
            Settle settle = settles.remove();
            served++;
            if (!settle.begin()) {
                settle.makeRoom();
                continue;
            }
            if (!(settle.acknowledges ? core.ack(settle.id) : core.nack(settle.id))) {
                settle.fail(new IllegalStateException("item " + settle.id + " of queue \"" + name
                        + "\" is not leased: it was acknowledged or given back before"));
            } else if (settle.acknowledges) {
                settle.needsAcks = core.acknowledged();
                acksUnderWay.add(settle);
            } else {
                settle.succeed();
            }
        }
        commitWanted |= !settles.isEmpty();
        busy |= !settles.isEmpty();
        return served;
    }

    private int serveTakes() {
        int served = 0;
        for (Iterator<Take<?>> all = takes.iterator(); all.hasNext(); ) {
            Take<?> take = all.next();
            boolean withdrawn = take.isSettled();
            if (withdrawn || serve(take)) {
                all.remove();
                served++;
            }
            if (withdrawn) {
                take.makeRoom();
            }
        }
        return served;
    }

    /** Returns whether the request is done with: answered, withdrawn, or waiting only for the medium. */
    private <R extends @Nullable Object> boolean serve(Take<R> take) {
        int got = 0;
        while (got < take.max) {
            if (!take.leases && !core.hasAckRoom() || !core.next()) {
                break;
            }
            QueueCore.Leasing leasing = take.leases ? core.leasing() : QueueCore.Leasing.LEASED;
            if (leasing != QueueCore.Leasing.LEASED) {
                commitWanted = true;
                if (got > 0) {
                    break;
                }
                return leasing == QueueCore.Leasing.TOO_MANY && !take.waits && refuseLease(take);
            }
            try {
                take.collector.add(core);
            } catch (RuntimeException e) {
                if (got == 0) {
                    take.fail(e);
                    return true;
                }
                break;
            }
            if (got == 0 && !take.begin()) {
                take.makeRoom();
                return true;
            }
            if (take.leases) {
                core.lease();
            } else {
                core.take();
            }
            got++;
        }
        if (got == 0 && !isEmptyFor(take)) {
            return false;
        }
        take.answer = take.collector.answer();
        if (take.leases || got == 0) {
            take.succeed();
        } else {
            take.needsAcks = core.acknowledged();
            acksUnderWay.add(take);
        }
        return true;
    }

    /** Nothing was found: whether to say so. */
    private boolean isEmptyFor(Take<?> take) {
        boolean soon = core.isMoving() || !take.leases && !core.hasAckRoom();
        commitWanted |= soon;
        return !soon && !take.waits && take.begin();
    }

    private boolean refuseLease(Take<?> take) {
        take.fail(new LogBusyException("queue \"" + name + "\" has " + core.leases() + " leases, as many as it may"));
        return true;
    }

    // ---- answering ----------------------------------------------------------------------------------------------

    private int answer() {
        try {
            return answerDurable();
        } finally {
            wakeUps.end();
        }
    }

    private int answerDurable() {
        int answered = 0;
        while (!offersUnderWay.isEmpty() && offersUnderWay.getFirst().needsDurable <= core.durable()) {
            offersUnderWay.removeFirst().succeed(wakeUps);
            answered++;
        }
        while (!acksUnderWay.isEmpty() && isDurable(acksUnderWay.getFirst())) {
            acksUnderWay.removeFirst().succeed(wakeUps);
            answered++;
            growth.forgetFailure();
        }
        return answered;
    }

    private boolean isDurable(QueueRequest<?> request) {
        return request.needsAcks <= core.acknowledgedDurably() && request.needsDurable <= core.durable();
    }

    private IOException failure() {
        return new LogFailedException("queue \"" + name + "\" takes no more requests: "
                + (closed ? "it was closed" : "a write or flush failed; open it again"));
    }

    private void failAll(IOException why) {
        for (Deque<? extends QueueRequest<?>> waiting : all) {
            while (!waiting.isEmpty()) {
                waiting.remove().fail(why);
            }
        }
    }

    // ---- ending -------------------------------------------------------------------------------------------------

    /** Makes durable what was handed over before; who waits for an item or for room is told. */
    void close() throws IOException {
        if (ended) {
            return;
        }
        closed = true;
        growth.giveUp(new IOException("the queue is being closed"));
        int done;
        do {
            done = receive() + serve() + (core.log().durable() < core.log().appended() ? 1 : 0);
            core.awaitDurable();
            done += answer();
            // What nothing makes room for any more is told that it failed.
        } while (busy && done > 0 && !core.isFailed());
        try {
            core.close();
        } finally {
            answer();
            failAll(failure());
            end();
        }
    }

    private void end() {
        ended = true;
        refuseIfEnded();
        afterClose.run();
    }

    /** Tells those who came too late. Any thread, one at a time. */
    synchronized void refuseIfEnded() {
        QueueRequest<?> late;
        while (ended && (late = mailbox.poll()) != null) {
            late.fail(failure());
        }
    }
}
