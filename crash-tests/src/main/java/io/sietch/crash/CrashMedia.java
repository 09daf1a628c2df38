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
import java.util.ArrayList;
import java.util.BitSet;
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
    private final CrashGeometry geometry;
    private final MediaCharacteristics characteristics;
    private final @Nullable NanoClock clock;
    private final @Nullable CrashImage base;
    private final byte[] zeros;
    private final SectorMemory memory;
    private final @Nullable SectorLog[] logs;
    // Sectors whose present content is in memory already, and sectors with versions that a flush may cover.
    private final BitSet settled;
    private final BitSet dirty = new BitSet();
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
        this.logs = new SectorLog[geometry.maxSectors()];
        this.settled = new BitSet(logs.length);
        this.size = base == null ? geometry.size() : base.size();
        for (int sector = 0; sector < logs.length; sector++) {
            byte[] known = certainAtFirst(sector);
            memory.show(sector, known == null ? zeros : known);
            settled.set(sector, known != null);
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
        for (int sector = 0; sector < logs.length; sector++) {
            SectorLog log = logs[sector];
            if (log != null) {
                next.inherit(sector, log, afterEvents, initial(sector));
            }
        }
        return next;
    }

    private void inherit(int sector, SectorLog log, int afterEvents, byte[] initial) {
        int durable = log.durableBefore(afterEvents);
        SectorLog mine = new SectorLog();
        byte[] durableBytes = durable < 0 ? initial : log.get(durable).bytes;
        SectorLog.Version first =
                new SectorLog.Version(Integer.MIN_VALUE, durableBytes, 0, zeros.length, false, Long.MIN_VALUE);
        first.durableAt = Integer.MIN_VALUE;
        mine.add(first);
        for (int i = durable + 1; i < log.count() && log.get(i).command < afterEvents; i++) {
            SectorLog.Version old = log.get(i);
            if (old.droppedAt >= afterEvents) {
                SectorLog.Version pending = new SectorLog.Version(
                        old.command - afterEvents, old.bytes, old.from, old.to, old.deallocated, Long.MIN_VALUE);
                pending.orphan = old.orphan;
                mine.add(pending);
                dirtyUnlessOrphan(sector, pending);
            }
        }
        if (mine.count() > 1) {
            logs[sector] = mine;
        }
    }

    private void dirtyUnlessOrphan(int sector, SectorLog.Version version) {
        if (!version.orphan) {
            dirty.set(sector);
        }
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
        return logs[sector];
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
                break;
            }
            if (event.kind() == Event.Kind.WRITE || event.kind() == Event.Kind.DEALLOCATE) {
                writes.addFirst(i);
            }
        }
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
        checkRange(offset, length);
        Fault fault = injector.strikes(Fault.Call.READ);
        if (fault == null) {
            fetch(offset, target, targetOffset, length);
        } else if (fault.effect() == Fault.Effect.MISDIRECTED) {
            fetch(Math.min(fault.detail(), size - length), target, targetOffset, length);
        } else {
            throw new IOException("injected: read of " + length + " bytes at " + offset + " failed");
        }
    }

    private void fetch(long offset, DmaBuffer target, int targetOffset, int length) throws IOException {
        settle(offset, length);
        if (base != null) {
            for (int s = sectorOf(offset); s <= sectorOf(offset + length - 1); s++) {
                if (base.isUnreadable(s) && logs[s] == null) {
                    throw new IOException("injected: sector " + s + " cannot be read");
                }
            }
        }
        MemorySegment.copy(memory.segment(), offset, target.segment(), targetOffset, length);
    }

    @Override
    public void write(long offset, DmaBuffer source, int sourceOffset, int length) throws IOException {
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
                    store(event, offset, bytes, false, true);
                    throw new IOException("injected: write of " + length + " bytes at " + offset + " failed");
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
            byte[] version = new byte[sectorSize];
            if (to - from < sectorSize) {
                memory.copyTo(s, version);
            }
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, start + from - offset, version, from, to - from);
            append(s, new SectorLog.Version(event, version, from, to, false, completeAt), orphan);
            if (visible) {
                memory.show(s, version);
                settled.set(s);
            }
        }
    }

    private void append(int sector, SectorLog.Version version, boolean orphan) {
        version.orphan = orphan;
        SectorLog log = logs[sector];
        if (log == null) {
            log = new SectorLog();
            logs[sector] = log;
        }
        log.add(version);
        dirtyUnlessOrphan(sector, version);
    }

    @Override
    public void flush() throws IOException {
        flush(begin(Event.Kind.FLUSH, 0, 0), null, clock == null ? Long.MAX_VALUE : clock.nanoTime());
    }

    /**
     * Makes durable every write to some ranges that has returned, and no other: what an operating system does when one
     * file is synced and others on the same device are not.
     */
    public void flushOnly(List<Extent> ranges) throws IOException {
        long bytes = 0;
        BitSet scope = new BitSet(logs.length);
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
            fail(fault.effect(), event, scope);
            throw new IOException("injected: flush failed");
        }
        for (int s = dirty.nextSetBit(0); s >= 0; s = dirty.nextSetBit(s + 1)) {
            if (scope != null && !scope.get(s)) {
                continue;
            }
            SectorLog log = Objects.requireNonNull(logs[s]);
            if (!log.flushed(event, now)) {
                dirty.clear(s);
            }
            if (!remembers) {
                log.prune();
            }
        }
    }

    private void fail(Fault.Effect effect, int event, @Nullable BitSet scope) {
        if (effect == Fault.Effect.ERROR) {
            return;
        }
        for (int s = dirty.nextSetBit(0); s >= 0; s = dirty.nextSetBit(s + 1)) {
            if (scope != null && !scope.get(s)) {
                continue;
            }
            dirty.clear(s);
            SectorLog log = Objects.requireNonNull(logs[s]);
            if (effect == Fault.Effect.ERROR_MARKED_CLEAN) {
                log.orphan();
            } else {
                log.drop(event);
                int durable = log.durableBefore(SectorLog.NEVER);
                memory.show(s, durable < 0 ? initial(s) : log.get(durable).bytes);
            }
        }
    }

    @Override
    public void deallocate(long offset, long length) throws IOException {
        int event = begin(Event.Kind.DEALLOCATE, offset, length);
        checkRange(offset, length);
        long completeAt =
                clock == null ? 0 : clock.nanoTime() + characteristics.latency().writeNanos();
        long last = (offset + length) / zeros.length;
        for (int s = (int) Math.ceilDiv(offset, (long) zeros.length); s < last; s++) {
            append(s, new SectorLog.Version(event, zeros, 0, zeros.length, true, completeAt), false);
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
