package io.sietch.crash;

import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.Extent;
import io.sietch.vsic.LatencyModel;
import io.sietch.vsic.Media;
import io.sietch.vsic.MediaCharacteristics;
import io.sietch.vsic.NanoClock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A medium that remembers, for each sector, the version that is durable and all versions written since, so that the
 * image after a power loss at any of its events can be built in any way that the model allows.
 *
 * <p>Words: an <em>event</em> is a write, flush, deallocation or growth, numbered from 0 in the order of the calls;
 * reads are none. The <em>present</em> content is what reads and views show. A <em>life</em> is the time from one crash
 * to the next; each has a medium of its own, and what the medium holds at first is the {@link CrashImage} that the last
 * crash left.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Without faults the present content is exactly what {@link io.sietch.vsic.RamMedia} would hold.
 *   <li>A flush makes durable what was complete when it was called: every write that returned before, or, given a
 *       clock, every write that was made at least the latency of a write ago. So code that submits a write and its
 *       flush together is found out, although the controller hands both down in order.
 *   <li>What events before number n left behind does not change after event n - 1: an image may be built later, for any
 *       n.
 * </ol>
 *
 * <p>Threads: one at a time, flush and growth included: use {@link io.sietch.vsic.ControllerOptions#inline}.
 */
public final class CrashMedia implements Media {
    /** A write that timed out comes after the write that is tried in its place. */
    private static final int LATE = 2;

    private final CrashGeometry geometry;
    private final MediaCharacteristics characteristics;
    private final @Nullable NanoClock clock;
    private final @Nullable CrashImage base;
    private final byte[] zeros;
    private final SectorMemory memory;
    private final SectorLogs logs;
    // Sectors whose present content is in memory already.
    private final BitSet settled;
    private final List<Event> events = new ArrayList<>();
    private final Injector injector = new Injector();
    private long size;
    private boolean remembers = true;
    private boolean lazyViews;
    private @Nullable LongFunction<@Nullable String> names;
    private @Nullable Remains remains;
    private int cutAt = Integer.MAX_VALUE;
    private boolean cutDuring;
    private boolean dead;
    private boolean gone;
    private final Deque<Late> late = new ArrayDeque<>();
    private @Nullable Runnable observer;

    /** A write that timed out, and before which event it reaches the medium. */
    private record Late(int before, long offset, byte[] bytes) {}

    /** A medium full of zeros, without latency. */
    public CrashMedia(CrashGeometry geometry) {
        this(geometry, LatencyModel.NONE, null);
    }

    /**
     * A medium full of zeros on a device with latency.
     *
     * @param clock the controller's, by which writes complete; null if each write is complete when it returns
     */
    public CrashMedia(CrashGeometry geometry, LatencyModel latency, @Nullable NanoClock clock) {
        this(geometry, latency, clock, null, new SectorMemory(geometry));
    }

    CrashMedia(
            CrashGeometry geometry,
            LatencyModel latency,
            @Nullable NanoClock clock,
            @Nullable CrashImage base,
            SectorMemory memory) {
        this.geometry = geometry;
        this.characteristics = new MediaCharacteristics("crash kit", false, latency);
        this.clock = clock;
        this.base = base;
        this.zeros = base == null ? new byte[geometry.sectorSize()] : base.zeros();
        this.memory = memory;
        this.logs = new SectorLogs(geometry.maxSectors());
        this.settled = new BitSet(logs.sectors());
        this.size = base == null ? geometry.size() : base.size();
        settled.set(0, logs.sectors());
        for (int sector = 0; sector < logs.sectors(); sector++) {
            byte[] known = certainAtFirst(sector);
            memory.show(sector, known == null ? zeros : known);
            if (known == null) {
                settled.clear(sector);
            }
        }
    }

    /** The medium after a power loss, ready to be recovered from. Sectors are decided as they are read. */
    public static CrashMedia on(CrashImage image) {
        CrashGeometry geometry = image.geometry();
        return new CrashMedia(geometry, LatencyModel.NONE, null, image, new SectorMemory(geometry));
    }

    // ---- what the kit asks ---------------------------------------------------------------------------------------

    /** How many events have begun so far. */
    public int events() {
        return events.size();
    }

    /**
     * What a power loss leaves when it comes after the first so many events.
     *
     * @param afterEvents from 0 to {@link #events()}
     */
    public CrashImage crash(int afterEvents, CrashModel model, Choices choices) {
        Objects.checkIndex(afterEvents, events.size() + 1);
        if (!remembers && afterEvents != events.size()) {
            throw new IllegalStateException("this medium forgot its past; it can crash after event " + events.size()
                    + " only, not after " + afterEvents);
        }
        // What is left after so many events stays the same (invariant 3), and images of one point come in a row.
        if (remains == null || remains.events() != afterEvents) {
            remains = new Remains(this, afterEvents);
        }
        return new CrashImage(remains, model, choices);
    }

    /** As {@link #crash(int, CrashModel, Choices)}, now. */
    public CrashImage crash(CrashModel model, Choices choices) {
        return crash(events.size(), model, choices);
    }

    /**
     * The medium as the next process finds it when this one is killed after so many events and the power stays on:
     * nothing is lost yet, and what was not flushed may still be lost later.
     */
    public CrashMedia kill(int afterEvents) {
        return kill(afterEvents, LatencyModel.NONE, null, new SectorMemory(geometry));
    }

    CrashMedia kill(int afterEvents, LatencyModel latency, @Nullable NanoClock nextClock, SectorMemory nextMemory) {
        CrashImage present = crash(afterEvents, CrashModel.SECTORS, Choices.NEWEST);
        CrashMedia next = new CrashMedia(geometry, latency, nextClock, present, nextMemory);
        for (int sector = 0; sector < logs.sectors(); sector++) {
            SectorLog log = logs.get(sector);
            SectorLog left = log == null ? null : log.afterKill(afterEvents, initial(sector));
            if (left != null && left.count() > 1) {
                next.logs.put(sector, left);
            }
        }
        return next;
    }

    /** Cuts the power at an event: before it, or while it is under way, when it may have had any part of its effect. */
    public void cutPower(int event, boolean during) {
        cutAt = event;
        cutDuring = during;
    }

    /** Has a call fail. Several faults may be injected. */
    public void inject(Fault fault) {
        injector.add(fault);
    }

    /** How many injected faults have struck so far. */
    public int faultsStruck() {
        return injector.struck();
    }

    /** Takes note of stores into a mapping: they are there at once, and cannot fail. */
    void stored(long offset, MemorySegment bytes) {
        int event = begin(Event.Kind.WRITE, offset, bytes.byteSize());
        store(event, offset, bytes, true, false);
        end(event);
    }

    /** Calls somebody who takes note of stores, before anything is said of them. */
    void observeWith(Runnable newObserver) {
        observer = newObserver;
    }

    void observe() {
        if (observer != null) {
            observer.run();
        }
    }

    int calls(Fault.Call call) {
        return injector.calls(call);
    }

    /**
     * From now on forgets what no crash at a later event needs, for long runs whose crash comes at the end.
     *
     * @return this
     */
    public CrashMedia forgetful() {
        remembers = false;
        return this;
    }

    /**
     * From now on a view does not decide the sectors below it: what a crash left open shows bytes 0x00 until a read
     * decides it. For code that reads by commands first; lets exploring leave out what recovery does not read.
     *
     * @return this
     */
    public CrashMedia withLazyViews() {
        lazyViews = true;
        return this;
    }

    /**
     * Has failures tell what lies where. For those who put files or other things on the medium.
     *
     * @param names the name of what holds a byte of the medium, or null if nothing does
     */
    public void describeWith(LongFunction<@Nullable String> names) {
        this.names = names;
    }

    /** What a byte of the medium belongs to, in parentheses and with a blank before it; nothing if nobody knows. */
    String nameOf(long offset) {
        String name = names == null ? null : names.apply(offset);
        return name == null ? "" : " (" + name + ")";
    }

    /** The shape of this medium. */
    public CrashGeometry geometry() {
        return geometry;
    }

    @Nullable
    SectorLog log(int sector) {
        return logs.get(sector);
    }

    /** What a sector held when this life began, if that takes no decision; else null. */
    byte @Nullable [] certainAtFirst(int sector) {
        return base == null ? zeros : base.known(sector);
    }

    byte[] zeros() {
        return zeros;
    }

    /** What a sector held when this life began. Decides it if need be. */
    byte[] initial(int sector) {
        return base == null ? zeros : base.sector(sector);
    }

    long sizeAt(int afterEvents) {
        long at = base == null ? geometry.size() : base.size();
        for (int i = 0; i < afterEvents; i++) {
            if (events.get(i).kind() == Event.Kind.GROW && !events.get(i).failed()) {
                at = events.get(i).length();
            }
        }
        return at;
    }

    /** The commands in order of completion whose survival the last good flush before the event leaves open. */
    List<Integer> writesSinceGoodFlush(int before) {
        List<Integer> writes = new ArrayList<>();
        for (int i = before - 1; i >= 0; i--) {
            Event event = events.get(i);
            if (event.kind() == Event.Kind.FLUSH && !event.failed()) {
                return writes;
            }
            if (event.kind() == Event.Kind.WRITE || event.kind() == Event.Kind.DEALLOCATE) {
                writes.addFirst(i);
            }
        }
        // What a process that was killed had written comes before all that.
        writes.addAll(0, logs.leftByKilled());
        return writes;
    }

    Event event(int index) {
        return events.get(index);
    }

    // ---- Media ---------------------------------------------------------------------------------------------------

    @Override
    public long size() {
        return size;
    }

    @Override
    public int blockSize() {
        return geometry.blockSize();
    }

    @Override
    public MediaCharacteristics characteristics() {
        return characteristics;
    }

    @Override
    public void read(long offset, DmaBuffer target, int targetOffset, int length) throws IOException {
        requireAlive();
        requireThere();
        checkRange(offset, length);
        Fault fault = injector.strikes(Fault.Call.READ);
        if (fault == null) {
            fetch(offset, target, targetOffset, length);
        } else if (fault.effect() == Fault.Effect.MISDIRECTED) {
            fetch(Math.min(fault.detail(), size - length), target, targetOffset, length);
        } else {
            if (fault.effect() == Fault.Effect.SHORT) {
                fetch(offset, target, targetOffset, half(length));
            }
            throw failure(fault, events.size(), "read of " + length + " bytes at " + offset);
        }
    }

    private int half(int length) {
        return length / 2 / zeros.length * zeros.length;
    }

    /** What a call throws that fails; resets the device if that is how. */
    private IOException failure(Fault fault, int event, String call) {
        switch (fault.effect()) {
            case INTERNAL_ERROR -> throw new InternalError("injected: " + call + " touched a page that is not there");
            case RESET -> {
                gone = true;
                long now = clock == null ? 0 : clock.nanoTime();
                logs.reset(event, now, fault.detail(), this::showNewest);
                return new IOException("injected: the device was reset during a " + call);
            }
            case SHORT -> {
                return new IOException("injected: " + call + " was cut short");
            }
            case TIMEOUT -> {
                return new IOException("injected: " + call + " timed out");
            }
            default -> {
                return new IOException("injected: " + call + " failed");
            }
        }
    }

    private void requireThere() throws IOException {
        if (gone) {
            throw new IOException("injected: the device is gone until it is opened anew");
        }
    }

    private void fetch(long offset, DmaBuffer target, int targetOffset, int length) throws IOException {
        settle(offset, length);
        if (base != null) {
            for (int s = sectorOf(offset); s <= sectorOf(offset + length - 1); s++) {
                if (base.isUnreadable(s) && logs.get(s) == null) {
                    throw new IOException("injected: sector " + s + " cannot be read");
                }
            }
        }
        MemorySegment.copy(memory.segment(), offset, target.segment(), targetOffset, length);
    }

    @Override
    public void write(long offset, DmaBuffer source, int sourceOffset, int length) throws IOException {
        requireThere();
        int event = begin(Event.Kind.WRITE, offset, length);
        checkRange(offset, length);
        Fault fault = injector.strikes(Fault.Call.WRITE);
        MemorySegment bytes = source.segment().asSlice(sourceOffset, length);
        if (fault == null) {
            store(event, offset, bytes, true, false);
        } else {
            switch (fault.effect()) {
                case LOST -> {}
                case MISDIRECTED -> {
                    store(event, Math.min(fault.detail(), size - length), bytes, true, false);
                }
                default -> {
                    events.set(event, events.get(event).ofFailure());
                    int through = fault.effect() == Fault.Effect.SHORT ? half(length) : 0;
                    store(event, offset, bytes.asSlice(0, through), true, false);
                    store(event, offset + through, bytes.asSlice(through), false, true);
                    if (fault.effect() == Fault.Effect.TIMEOUT) {
                        late.add(new Late(event + LATE, offset, bytes.toArray(ValueLayout.JAVA_BYTE)));
                    }
                    throw failure(fault, event, "write of " + length + " bytes at " + offset);
                }
            }
        }
        end(event);
    }

    /**
     * Adds a version to each sector of the range.
     *
     * @param visible whether reads show it
     * @param orphan whether no flush will ever cover it
     */
    private void store(int event, long offset, MemorySegment bytes, boolean visible, boolean orphan) {
        long completeAt =
                clock == null ? 0 : clock.nanoTime() + characteristics.latency().writeNanos();
        int sectorSize = zeros.length;
        long end = offset + bytes.byteSize();
        for (int s = sectorOf(offset); (long) s * sectorSize < end; s++) {
            long start = (long) s * sectorSize;
            int from = (int) Math.max(0, offset - start);
            int to = (int) Math.min(sectorSize, end - start);
            if (to - from < sectorSize) {
                settle(start, sectorSize);
            }
            byte[] version = settled.get(s) ? memory.shownWith(s, bytes, start - offset, from, to) : null;
            if (version == null) {
                version = new byte[sectorSize];
                if (to - from < sectorSize) {
                    memory.copyTo(s, version);
                }
                MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, start + from - offset, version, from, to - from);
            }
            logs.add(s, new SectorLog.Version(event, version, from, to, false, completeAt), orphan);
            if (visible) {
                memory.show(s, version);
                settled.set(s);
            }
        }
    }

    @Override
    public void flush() throws IOException {
        requireThere();
        flush(begin(Event.Kind.FLUSH, 0, 0), null, clock == null ? Long.MAX_VALUE : clock.nanoTime());
    }

    /**
     * Makes durable every write to some ranges that has returned, and no other: what an operating system does when one
     * file is synced and others on the same device are not.
     */
    public void flushOnly(List<Extent> ranges) throws IOException {
        requireThere();
        long bytes = 0;
        BitSet scope = new BitSet(logs.sectors());
        for (Extent range : ranges) {
            scope.set(sectorOf(range.offset()), sectorOf(range.end() - 1) + 1);
            bytes += range.length();
        }
        long offset = ranges.isEmpty() ? 0 : ranges.getFirst().offset();
        flush(begin(Event.Kind.FLUSH_ONLY, offset, bytes), scope, Long.MAX_VALUE);
    }

    /** @param scope the sectors that are flushed, null for all */
    private void flush(int event, @Nullable BitSet scope, long now) throws IOException {
        if (cutAt == event) {
            end(event);
        }
        Fault fault = injector.strikes(Fault.Call.FLUSH);
        if (fault != null) {
            events.set(event, events.get(event).ofFailure());
            if (fault.effect() == Fault.Effect.IGNORED) {
                return;
            }
            switch (fault.effect()) {
                case TIMEOUT -> logs.flush(event, scope, now, !remembers);
                case ERROR_MARKED_CLEAN -> logs.markClean(scope);
                case ERROR_REVERTED -> logs.revert(event, scope, this::showNewest);
                default -> {}
            }
            throw failure(fault, event, "flush");
        }
        logs.flush(event, scope, now, !remembers);
    }

    private void showNewest(int sector) {
        SectorLog log = logs.get(sector);
        byte[] newest = log == null ? null : log.newest();
        memory.show(sector, newest == null ? initial(sector) : newest);
    }

    @Override
    public void deallocate(long offset, long length) throws IOException {
        requireThere();
        int event = begin(Event.Kind.DEALLOCATE, offset, length);
        checkRange(offset, length);
        long completeAt =
                clock == null ? 0 : clock.nanoTime() + characteristics.latency().writeNanos();
        long last = (offset + length) / zeros.length;
        for (int s = (int) Math.ceilDiv(offset, (long) zeros.length); s < last; s++) {
            logs.add(s, new SectorLog.Version(event, zeros, 0, zeros.length, true, completeAt), false);
            memory.show(s, zeros);
            settled.set(s);
        }
        end(event);
    }

    /** The window lives as long as this medium. */
    @Override
    public MemorySegment view(long offset, long length, Arena ignored) {
        requireAlive();
        checkRange(offset, length);
        if (!lazyViews) {
            settle(offset, length);
        }
        return memory.segment().asSlice(offset, length).asReadOnly();
    }

    @Override
    public void grow(long newSize) throws IOException {
        requireThere();
        int event = begin(Event.Kind.GROW, size, newSize);
        if (newSize < size || newSize % Math.max(geometry.blockSize(), geometry.sectorSize()) != 0) {
            throw new IllegalArgumentException("cannot grow from " + size + " to " + newSize + " bytes");
        }
        if (newSize > geometry.maxSize() || injector.strikes(Fault.Call.GROW) != null) {
            events.set(event, events.get(event).ofFailure());
            throw new IOException("no room: " + newSize + " bytes were asked for, and the medium has room for "
                    + geometry.maxSize() + " or was told to refuse");
        }
        size = newSize;
        end(event);
    }

    @Override
    public void close() {
        // The past stays readable: images are built from it.
    }

    // ---- inside --------------------------------------------------------------------------------------------------

    private int begin(Event.Kind kind, long offset, long length) {
        requireAlive();
        int event = events.size();
        if (event == cutAt && !cutDuring) {
            dead = true;
            throw new PowerCut(event);
        }
        while (!late.isEmpty() && event >= late.getFirst().before) {
            Late due = late.removeFirst();
            store(event - 1, due.offset, MemorySegment.ofArray(due.bytes), true, false);
        }
        events.add(new Event(kind, offset, length, false, clock == null ? 0 : clock.nanoTime()));
        return event;
    }

    /** The power goes while the event is under way: as what it did is not flushed, that is after its doing. */
    private void end(int event) {
        if (event == cutAt) {
            dead = true;
            throw new PowerCut(event);
        }
    }

    private void requireAlive() {
        if (dead) {
            throw new PowerCut(cutAt);
        }
    }

    private void checkRange(long offset, long length) {
        Objects.checkFromIndexSize(offset, length, size);
        if (offset % geometry.blockSize() != 0 || length % geometry.blockSize() != 0) {
            throw new IllegalArgumentException(
                    length + " bytes at " + offset + " of a medium in blocks of " + geometry.blockSize());
        }
    }

    private int sectorOf(long offset) {
        return (int) (offset / zeros.length);
    }

    /** Brings the present content of a range into memory, deciding what a crash left open. */
    private void settle(long offset, long length) {
        if (length == 0) {
            return;
        }
        int end = sectorOf(offset + length - 1) + 1;
        for (int s = settled.nextClearBit(sectorOf(offset)); s < end; s = settled.nextClearBit(s + 1)) {
            memory.show(s, initial(s));
            settled.set(s);
        }
    }
}
