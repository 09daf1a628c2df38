package io.sietch.vsic;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/**
 * The emulated storage device: one {@link Media}, many {@link Vsic}s. Polling it takes commands from their queues in turn,
 * checks each, moves the bytes and posts completions.
 *
 * <p>Invariants:
 * <ol>
 *   <li>A command that is refused moves no byte.
 *   <li>At most one flush of the medium is under way. One flush answers every FLUSH that had been taken before it began,
 *       whichever VSIC it came from; a FLUSH taken later waits for the next.
 *   <li>A failed flush poisons every area with a write since its last good flush, and every area that asked for it. There
 *       is no second try: what the medium holds is unknown.
 *   <li>Between {@code submit} and completion no allocation is made.
 * </ol>
 *
 * <p>Threads: {@link #poll} and all control methods (create, attach, resize, revoke, limit) belong to one thread. It may be
 * the applications' own (inline) or a {@link PollerThread}, whose {@link PollerThread#call} then runs the control methods.
 * Each VSIC may be used by a thread of its own.
 */
public final class StorageController implements Poller, AutoCloseable {
    private static final Logger LOG = System.getLogger(StorageController.class.getPackageName());

    private final Media media;
    private final NanoClock clock;
    private final Waiter waiter;
    private final LatencyModel latency;
    private final Flusher flusher;
    private final boolean flushesInline;
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

    /**
     * @param media the medium; closed by whoever opened it
     */
    public StorageController(Media media, ControllerOptions options) {
        this.media = media;
        this.clock = options.clock();
        this.waiter = options.waiter();
        this.latency = media.characteristics().latency();
        boolean ownThread =
                switch (options.flushing()) {
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
        capacity += options.depth();
        waiting.ensureCapacity(capacity);
        flushing.ensureCapacity(capacity);
        dueCompletions.ensureCapacity(capacity);
        needsClock |= vsic.device().limited();
        return vsic;
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
        Vsa area = new Vsa(areaId, vsic, media, extents, rights);
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

    /** Takes an area away: its windows close, and every command from now on ends with {@link Status#INVALID_NAMESPACE}. */
    public void revoke(Vsa area) {
        area.revoke();
        areas.remove(area);
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

    // ---- data plane ---------------------------------------------------------------------------------------------

    @Override
    public int poll() {
        long now = needsClock ? clock.nanoTime() : 0;
        int work = dueCompletions.isEmpty() ? 0 : dueCompletions.complete(now);
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
        if (flushUnderWay && latency.flushNanos() > 0) {
            wait = Math.min(wait, Math.max(0, flushStartedAt + latency.flushNanos() - now));
        }
        return wait;
    }

    private int startFlush(long now) {
        FlushBatch batch = waiting;
        waiting = flushing;
        flushing = batch;
        for (int i = 0; i < areas.size(); i++) {
            areas.get(i).flushBegins();
        }
        flushUnderWay = true;
        flushStartedAt = now;
        mediumFlushes = mediumFlushes + 1;
        flusher.start();
        return 1 + finishFlush(now);
    }

    private int finishFlush(long now) {
        if (latency.flushNanos() > 0 && now - flushStartedAt < latency.flushNanos()) {
            return 0;
        }
        if (!flusher.finished()) {
            return 0;
        }
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
            LOG.log(Level.ERROR, "flush of " + media.characteristics().kind() + " failed; areas with unflushed writes"
                    + " are refused until they are reopened", failure);
        }
        int answered = flushing.size();
        flushing.complete(failure == null);
        return answered;
    }

    /** Rung by every submission. Wakes the loop that polls this controller, if that is another one. */
    void doorbell() {
        waiter.wake();
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

    void report(Vsic vsic, Command command, IOException failure) {
        LOG.log(Level.ERROR, "medium failed " + command.opcode + " of " + command.length + " bytes at " + command.offset
                + " for " + vsic.name(), failure);
    }

    /** Takes all areas away and ends the flusher thread. The medium stays open. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        flusher.close();
        for (Vsa area : List.copyOf(areas)) {
            revoke(area);
        }
    }
}
