package io.sietch.vnic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives processes network cards, each at a door of its own, and moves their frames: a {@link Switch}, its control
 * plane, and the loop around both. What each process may is in its {@link VnicGrant}, and is looked at here, for each
 * frame; the processes need no right but to open the door.
 *
 * <p>Threads: one at a time, that of the loop, but for {@link #wake}.
 */
public final class VnicHost implements AutoCloseable {
    /** How long to look for frames before sleeping: about what it costs to be woken. */
    private static final long SPIN_NANOS = 50_000;

    /** While frames come, the doors are looked at this often. */
    private static final long DOORS_NANOS = 1_000_000;

    private final Switch device = new Switch();
    private final NetworkControl control = new NetworkControl(device);
    private final Selection selection;
    private final BooleanSupplier hasNews = this::hasNews;
    private final Selection.Server serve = (key, now) -> ((KernelEvent) key.attachment()).ready(now);
    private final Map<VnicGrant, SharedVnics> doors = new LinkedHashMap<>();
    private SharedVnics[] all = {};
    private long lookedAt;

    private VnicHost(Selection selection) {
        this.selection = selection;
    }

    /** A host without doors. */
    public static VnicHost open() throws IOException {
        return new VnicHost(new Selection());
    }

    /**
     * Makes a VNIC for another process, and the door at which it can be had, by one process at a time. A process that
     * ends, however it does, gives it back; {@link VnicGrant#revoke} closes the door as well.
     *
     * @param name for people
     * @param door where to make a UNIX socket, whose file permissions say who may ask; memory is made beside it
     * @param address the IPv4 address of the VNIC
     * @param server whom {@link VnicClient#connect(int, io.sietch.net.TcpHandler)} shall talk to; 0 if to nobody
     * @param owner who may open the door, besides root; null for the user of this process
     * @throws IOException if the door cannot be had
     */
    public VnicGrant grant(
            String name, Path door, int address, int server, VnicOptions options, @Nullable UserPrincipal owner)
            throws IOException {
        VnicGrant grant = new VnicGrant(name, address, options, control, this::take);
        doors.put(
                grant,
                SharedVnics.open(door, selection.selector(), SharedVnics.one(grant), 0, server, gone -> {}, owner));
        update();
        return grant;
    }

    /** Those that were not revoked, in the order in which they were made. */
    public List<VnicGrant> grants() {
        return List.copyOf(doors.keySet());
    }

    /** The control plane of the switch, for VNICs of this process. */
    public NetworkControl control() {
        return control;
    }

    private void take(VnicGrant grant) {
        SharedVnics door = doors.remove(grant);
        update();
        if (door != null) {
            door.take(grant);
            door.close();
        }
    }

    private void update() {
        all = doors.values().toArray(SharedVnics[]::new);
    }

    /**
     * Has the loop call {@code ready} whenever a channel is, until that is closed. For what else a control plane has to
     * wait for.
     *
     * @param operations as {@link SelectionKey} has them
     */
    public void watch(SelectableChannel channel, int operations, Runnable whenReady) throws IOException {
        KernelEvent event = now -> whenReady.run();
        channel.register(selection.selector(), operations, event);
    }

    /**
     * Moves the frames that wait, and opens the doors now and then.
     *
     * @param nowNanos the time, from a clock that never goes backwards
     * @return how much was done; 0 says that there was nothing to do
     */
    public int poll(long nowNanos) {
        int work = moveFrames(nowNanos);
        if (work == 0 || selection.hasReady() || nowNanos - lookedAt > DOORS_NANOS) {
            lookedAt = nowNanos;
            work += selection.poll(serve, nowNanos);
        }
        return work;
    }

    private int moveFrames(long nowNanos) {
        try {
            return device.poll(nowNanos);
        } catch (InternalError e) {
            dropBroken(e);
            return 1;
        }
    }

    /** What the JVM throws for memory that is not there any more: an owner has cut off the file below it. */
    private void dropBroken(InternalError e) {
        boolean found = false;
        for (SharedVnics door : all) {
            found |= door.dropBroken();
        }
        if (!found) {
            throw e;
        }
    }

    /** Waits until there is something to do, the time is over, or {@link #wake}. It looks for a while, then sleeps. */
    public void await(long maxNanos) {
        long idle = Math.min(maxNanos, device.idleNanos(System.nanoTime()));
        try {
            if (isShared() && Spinning.look(hasNews, Math.min(SPIN_NANOS, idle))) {
                selection.await(0);
                return;
            }
            sleeps(true);
            selection.await(hasWork() ? 0 : idle);
            sleeps(false);
        } catch (InternalError e) {
            dropBroken(e);
        }
    }

    private boolean isShared() {
        for (int i = 0; i < all.length; i++) {
            if (all[i].attached() > 0) {
                return true;
            }
        }
        return false;
    }

    private boolean hasNews() {
        return hasWork() || selection.isSignalled();
    }

    private boolean hasWork() {
        for (int i = 0; i < all.length; i++) {
            if (all[i].hasWork()) {
                return true;
            }
        }
        return false;
    }

    private void sleeps(boolean sleeping) {
        for (int i = 0; i < all.length; i++) {
            all[i].sleeps(sleeping);
        }
    }

    /** Ends the present or the next {@link #await}. Any thread. */
    public void wake() {
        selection.wake();
    }

    /** Takes the doors away, and the VNICs with them; to their owners it is as if this process had ended. */
    @Override
    public void close() {
        doors.values().forEach(SharedVnics::close);
        doors.clear();
        update();
        try {
            selection.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
