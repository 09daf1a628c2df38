package io.sietch.vsic;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The emulated storage device: one {@link Media}, many {@link Vsic}s. Polling it takes commands from their queues in
 * turn, checks each, moves the bytes and posts completions.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A command that is refused moves no byte.
 *   <li>At most one flush of the medium is under way. One flush answers every FLUSH that had been taken before it
 *       began, whichever VSIC it came from; a FLUSH taken later waits for the next.
 *   <li>A failed flush poisons every area with a write since its last good flush, and every area that asked for it.
 *       There is no second try: what the medium holds is unknown. No FLUSH of a poisoned area ends with success.
 *   <li>Between {@code submit} and completion no allocation is made.
 *   <li>Whatever an application does, or leaves undone, with its VSIC, buffers and areas, the others are served.
 * </ol>
 *
 * <p>Threads: {@link #poll} and all control methods (create, attach, resize, revoke, limit) belong to one thread. It
 * may be the applications' own (inline) or a {@link PollerThread}, whose {@link PollerThread#call} then runs the
 * control methods. Each VSIC may be used by a thread of its own.
 */
public final class StorageController implements Poller, AutoCloseable {
    private static final Logger LOG = System.getLogger(StorageController.class.getPackageName());

    private final Media media;
    private final NanoClock clock;
    private final Waiter waiter;
    private final LatencyModel latency;
    private final Flusher flusher;
    private final boolean flushesInline;
    private boolean flushHere;
    private final DueCompletions dueCompletions = new DueCompletions();
    private final List<Vsa> areas = new ArrayList<>();
    private VsicDevice[] devices = new VsicDevice[0];
    private int capacity;

    private FlushBatch waiting = new FlushBatch();
    private FlushBatch flushing = new FlushBatch();
    private boolean flushUnderWay;
    private long flushStartedAt;
    private volatile long mediumFlushes;
    private boolean needsClock;
    private boolean closed;
    private volatile @Nullable Thread pollingThread;

    // Areas that went while some of their writes were not flushed: since the last flush began, and before.
    private boolean unflushedGone;
    private boolean flushingGone;
    // Windows that could not be closed because a system call is reading through them.
    private final List<Arena> lingering = new ArrayList<>();

    /** @param media the medium; closed by whoever opened it */
    public StorageController(Media media, ControllerOptions options) {
        this.media = media;
        this.clock = options.clock();
        this.waiter = options.waiter();
        this.latency = media.characteristics().latency();
        boolean ownThread = switch (options.flushing()) {
            case INLINE -> false;
            case THREAD -> true;
            case AUTO -> media.characteristics().flushBlocks();
        };
        this.flushesInline = !ownThread;
        this.flusher = new Flusher(media, ownThread, waiter);
        this.needsClock = !latency.equals(LatencyModel.NONE);
    }

    // ---- control plane ------------------------------------------------------------------------------------------

    /** Gives out a virtual storage controller with a queue pair of its own. */
    public Vsic createVsic(String name, VsicOptions options) {
        Vsic vsic = new Vsic(name, this, options, clock.nanoTime());
        VsicDevice[] more = new VsicDevice[devices.length + 1];
        System.arraycopy(devices, 0, more, 0, devices.length);
        more[devices.length] = vsic.device();
        devices = more;
        ensureCapacity();
        needsClock |= vsic.device().limited();
        return vsic;
    }

    /** Each of the lists can hold all that may be under way, also of VSICs that were released meanwhile. */
    private void ensureCapacity() {
        int needed = waiting.size() + flushing.size() + dueCompletions.size();
        for (VsicDevice device : devices) {
            needed += device.depth();
        }
        if (needed > capacity) {
            capacity = needed;
            waiting.ensureCapacity(capacity);
            flushing.ensureCapacity(capacity);
            dueCompletions.ensureCapacity(capacity);
        }
    }

    /**
     * Takes a VSIC back. Its areas are revoked; commands that have not begun end with {@link Status#ABORTED}, others as
     * they would have. Submitting to it is an error from now on.
     */
    public void release(Vsic vsic) {
        VsicDevice device = vsic.device();
        int at = List.of(devices).indexOf(device);
        if (at < 0) {
            throw new IllegalArgumentException(vsic + " belongs to another controller, or was released before");
        }
        for (Vsa area : List.copyOf(areas)) {
            if (area.owner() == vsic) {
                revoke(area);
            }
        }
        vsic.release();
        device.abort();
        device.ring();
        VsicDevice[] fewer = new VsicDevice[devices.length - 1];
        System.arraycopy(devices, 0, fewer, 0, at);
        System.arraycopy(devices, at + 1, fewer, at, fewer.length - at);
        devices = fewer;
    }

    /** Changes the share of the device that a VSIC may use, from now on. */
    public void limit(Vsic vsic, RateLimit limit) {
        vsic.device().limit(limit, clock.nanoTime());
        needsClock |= vsic.device().limited();
    }

    /**
     * Attaches an area to a VSIC.
     *
     * @param areaId the number that the control plane gave the area
     * @param extents where it lies, in order
     * @throws IOException if the medium cannot be mapped there
     */
    public Vsa attach(Vsic vsic, long areaId, List<Extent> extents, Rights rights) throws IOException {
        if (vsic.controller() != this) {
            throw new IllegalArgumentException(vsic + " belongs to another controller");
        }
        Vsa area = new Vsa(areaId, vsic, media, extents, rights);
        if (unflushedGone || flushingGone) {
            // The area may be a reopened one whose former handle left writes behind.
            area.markDirty();
        }
        areas.add(area);
        return area;
    }

    /** Gives an attached area other extents. Its owner sees the new size at once. */
    public void resize(Vsa area, List<Extent> extents) throws IOException {
        if (area.isRevoked()) {
            throw new IllegalStateException("area " + area.id() + " was revoked");
        }
        area.replaceExtents(extents);
    }

    /**
     * Takes an area away: its windows close, and every command from now on ends with {@link Status#INVALID_NAMESPACE}.
     */
    public void revoke(Vsa area) {
        unflushedGone |= area.hasUnflushedWrites();
        area.revoke();
        areas.remove(area);
    }

    /** Closes a window, or does so when the system call that reads through it has ended. */
    void retire(Arena window) {
        try {
            window.close();
        } catch (IllegalStateException inUse) {
            lingering.add(window);
        }
    }

    private void retireLingering() {
        List<Arena> windows = List.copyOf(lingering);
        lingering.clear();
        windows.forEach(this::retire);
    }

    /** The medium below. */
    public Media media() {
        return media;
    }

    /** Flushes of the medium begun so far. Any thread. */
    public long mediumFlushes() {
        return mediumFlushes;
    }

    /** Whether {@link #poll} itself runs the flushes of the medium. */
    public boolean flushesInline() {
        return flushesInline;
    }

    /**
     * Lets {@link #poll} run the flushes of the medium from now on, even if there is a thread for them: the two changes
     * of threads are saved, which is right while the polling thread would only wait for the flush. By the polling
     * thread.
     */
    public void flushHere(boolean here) {
        flushHere = here;
    }

    // ---- data plane ---------------------------------------------------------------------------------------------

    @Override
    public int poll() {
        int work = 0;
        if (pollingThread != Thread.currentThread()) {
            pollingThread = Thread.currentThread();
            // Somebody may just have submitted without ringing, as the former thread: look again before waiting.
            work = 1;
        }
        if (!lingering.isEmpty()) {
            retireLingering();
        }
        long now = needsClock ? clock.nanoTime() : 0;
        work += dueCompletions.isEmpty() ? 0 : dueCompletions.complete(now);
        if (flushUnderWay) {
            work += finishFlush(now);
        }
        VsicDevice[] all = devices;
        for (VsicDevice device : all) {
            work += device.poll(now);
        }
        if (!flushUnderWay && !waiting.isEmpty()) {
            work += startFlush(now);
        }
        if (work > 0) {
            for (VsicDevice device : all) {
                device.ring();
            }
        }
        return work;
    }

    @Override
    public long idleNanos() {
        if (!needsClock) {
            return Long.MAX_VALUE;
        }
        long now = clock.nanoTime();
        long wait = dueCompletions.waitNanos(now);
        for (VsicDevice device : devices) {
            wait = Math.min(wait, device.waitNanos(now));
        }
        if (flushUnderWay) {
            long left = flushStartedAt + latency.flushNanos() - now;
            if (left > 0 || flusher.isDone()) {
                wait = Math.min(wait, Math.max(0, left));
            }
            // Else the flusher's thread is at work, and wakes the loop.
        }
        return wait;
    }

    private int startFlush(long now) {
        int refused = waiting.refusePoisoned();
        if (waiting.isEmpty()) {
            return refused;
        }
        FlushBatch batch = waiting;
        waiting = flushing;
        flushing = batch;
        for (int i = 0; i < areas.size(); i++) {
            areas.get(i).flushBegins();
        }
        flushingGone = unflushedGone;
        unflushedGone = false;
        flushUnderWay = true;
        flushStartedAt = now;
        mediumFlushes = mediumFlushes + 1;
        flusher.start(flushHere);
        return refused + 1 + finishFlush(now);
    }

    private int finishFlush(long now) {
        if (latency.flushNanos() > 0 && now - flushStartedAt < latency.flushNanos()) {
            return 0;
        }
        return flusher.finished() ? flushEnded() : 0;
    }

    private int flushEnded() {
        flushingGone = false;
        flushUnderWay = false;
        IOException failure = flusher.failure();
        for (int i = 0; i < areas.size(); i++) {
            if (failure == null) {
                areas.get(i).flushSucceeded();
            } else {
                areas.get(i).flushFailed();
            }
        }
        if (failure != null) {
            log(
                    "flush of " + media.characteristics().kind()
                            + " failed; areas with unflushed writes are refused until" + " they are reopened",
                    failure);
        }
        int answered = flushing.size();
        flushing.complete(failure == null);
        return answered;
    }

    /** Rung by every submission. Wakes the loop that polls this controller, if that is another one. */
    void doorbell() {
        if (pollingThread != Thread.currentThread()) {
            waiter.wake();
        }
    }

    boolean isClosed() {
        return closed;
    }

    void requestFlush(VsicDevice device, Vsa area, long tag) {
        waiting.add(device, area, tag);
    }

    void completeLater(VsicDevice device, long tag, Status status, long delayNanos) {
        if (delayNanos == 0) {
            device.complete(tag, status);
        } else {
            dueCompletions.add(device, tag, status, clock.nanoTime() + delayNanos);
        }
    }

    LatencyModel latency() {
        return latency;
    }

    void report(Vsic vsic, Command command, Throwable failure) {
        log(
                "medium failed " + command.opcode + " of " + command.length + " bytes at " + command.offset + " for "
                        + vsic.name(),
                failure);
    }

    /** An I/O error speaks for itself in a line; anything else is a bug, and its stack is wanted. */
    private static void log(String message, Throwable failure) {
        if (failure instanceof IOException && failure.getCause() == null) {
            LOG.log(Level.ERROR, message + ": " + failure.getMessage());
        } else {
            LOG.log(Level.ERROR, message, failure);
        }
    }

    /**
     * Ends the flusher thread, after a flush that is under way, completes every other command that is waiting with
     * {@link Status#ABORTED}, and takes all areas away. The medium stays open. Called when nobody polls any more.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        flusher.close();
        if (flushUnderWay && flusher.finished()) {
            flushEnded();
        }
        waiting.refuse(Status.ABORTED);
        dueCompletions.completeAll();
        for (VsicDevice device : devices) {
            device.abort();
            device.ring();
        }
        for (Vsa area : List.copyOf(areas)) {
            revoke(area);
        }
    }
}
