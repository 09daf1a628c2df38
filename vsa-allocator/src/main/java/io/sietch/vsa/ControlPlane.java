package io.sietch.vsa;

import io.sietch.vsa.ControlPlaneException.Reason;
import io.sietch.vsic.MappedFileMedia;
import io.sietch.vsic.Media;
import io.sietch.vsic.RateLimit;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The control plane of a device: names its areas, gives out its space, sets limits, and is then out of the way. After
 * {@link #open} no I/O of an application passes through here.
 *
 * <p>An <em>area</em> has a name, an owner, a size, and an id for life. The <em>catalogue</em> at the front of the
 * medium holds them all. A unit is {@link #unitBytes()} bytes of the medium, the smallest piece that is given out.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Every change is one commit of the catalogue: after a crash it has happened or it has not, and it has if its
 *       method returned.
 *   <li>Areas are disjoint and lie within the published size of the medium; what no area has is free.
 *   <li>Every byte that an area has and its owners never wrote reads as zero: space is zeroed, durably, before it is
 *       published, unless nobody ever had it.
 *   <li>A handle never reaches further than the catalogue on the medium allows its area to reach.
 * </ol>
 *
 * <p>If a commit fails, the medium may hold the catalogue before it or the one after it. Then every change and every
 * {@link #open} is refused until the device is opened again; handles that are open keep working.
 *
 * <p>Threads: all methods belong to the thread that polls the {@link StorageController}, and they poll it while they
 * wait for the medium. They allocate, and they wait for flushes; a method that has to zero re-used space or to grow the
 * device waits for that.
 */
public final class ControlPlane {
    /**
     * The usual unit. No machine that runs Java has larger pages, so no page holds bytes of two areas and a window on
     * one shows nothing of its neighbour; and a list of free units for a terabyte fits in two megabytes at worst.
     */
    public static final int DEFAULT_UNIT_BYTES = 64 * 1024;

    /** In {@link #quota}: no limit. */
    public static final long NO_QUOTA = Long.MAX_VALUE;

    private final String device;
    private final Media media;
    private final GrowthPolicy growth;
    private final AdminQueue admin;
    private final CatalogueStore store;
    private final FreeSpace free;
    private final Attachments attachments;
    /**
     * Medium bytes from the published size up to here were there before this program came: nobody vouches for zeros.
     */
    private final long foundBytes;

    private Catalogue catalogue;
    private boolean inDoubt;

    private ControlPlane(
            String device,
            StorageController controller,
            GrowthPolicy growth,
            AdminQueue admin,
            CatalogueStore store,
            Catalogue catalogue) {
        this.device = device;
        this.media = controller.media();
        this.growth = growth;
        this.admin = admin;
        this.store = store;
        this.catalogue = catalogue;
        this.free = FreeSpace.of(catalogue);
        this.attachments = new Attachments(controller);
        this.foundBytes = media.size();
    }

    // ---- devices ------------------------------------------------------------------------------------------------

    /**
     * Makes a device with units of {@value #DEFAULT_UNIT_BYTES} bytes.
     *
     * @see #format(Media, int)
     */
    public static void format(Media media) throws IOException {
        format(media, DEFAULT_UNIT_BYTES);
    }

    /**
     * Makes a device: writes an empty catalogue to a medium of zeros, and flushes it. A crash meanwhile may leave a
     * medium that is not a device; format it again. (A {@link MappedFileMedia} whose initializer this is has no name
     * yet.)
     *
     * @param unitBytes a power of two, up to 256 KiB and not below the medium's block size
     * @throws IllegalArgumentException if the medium has no room for the catalogue and one unit, or the unit is no good
     */
    public static void format(Media media, int unitBytes) throws IOException {
        if (Integer.bitCount(unitBytes) != 1
                || unitBytes > CatalogueFormat.MAX_UNIT_BYTES
                || unitBytes < Math.max(media.blockSize(), CatalogueFormat.MIN_UNIT_BYTES)) {
            throw new IllegalArgumentException("units of " + unitBytes + " bytes on a medium with blocks of "
                    + media.blockSize() + ": must be a power of two, at least a block and at most "
                    + CatalogueFormat.MAX_UNIT_BYTES);
        }
        long units = media.size() / unitBytes;
        if (units <= Catalogue.reservedUnits(unitBytes) || units > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "device of " + media.size() + " bytes in units of " + unitBytes + ": must have "
                            + minimumBytes(unitBytes) + " to " + (long) Integer.MAX_VALUE * unitBytes + " bytes");
        }
        CatalogueStore.format(media, Catalogue.empty(unitBytes, (int) units));
    }

    /** The size of the smallest device with units of so many bytes: the catalogue and one unit. */
    public static long minimumBytes(int unitBytes) {
        return (Catalogue.reservedUnits(unitBytes) + 1L) * unitBytes;
    }

    /**
     * Opens the device that a controller serves. What a crash left half-done is completed or undone first.
     *
     * @param controller open at most one control plane on it
     * @param waiter that of the controller's options
     * @param growth what {@link #create} and {@link #resize} may do when space is short
     * @throws ControlPlaneException if the medium is no device, of an unknown version, damaged or truncated
     */
    public static ControlPlane open(StorageController controller, Waiter waiter, GrowthPolicy growth)
            throws IOException {
        Media media = controller.media();
        String device = media instanceof MappedFileMedia mapped
                ? mapped.file().toString()
                : media.characteristics().kind() + " medium";
        requireBlocks(device, media, CatalogueFormat.MAX_UNIT_BYTES);
        if (media.size() < CatalogueFormat.REGION_BYTES) {
            throw new ControlPlaneException(
                    Reason.NOT_A_DEVICE,
                    device + " is not a Sietch device, or was truncated: it has " + media.size()
                            + " bytes, and the catalogue alone takes " + CatalogueFormat.REGION_BYTES
                            + ". Name another file, or restore it from a backup");
        }
        AdminQueue admin = new AdminQueue(controller, waiter);
        CatalogueStore store = CatalogueStore.attach(device, media, admin);
        Catalogue catalogue = store.recover();
        long published = (long) catalogue.units() * catalogue.unitBytes();
        if (media.size() < published) {
            throw new ControlPlaneException(
                    Reason.DEVICE_TRUNCATED,
                    device + " has " + media.size() + " bytes, and its catalogue says " + published
                            + ": it was truncated. Restore it from a backup");
        }
        requireBlocks(device, media, catalogue.unitBytes());
        return new ControlPlane(device, controller, growth, admin, store, catalogue);
    }

    private static void requireBlocks(String device, Media media, int unitBytes) {
        if (media.blockSize() > unitBytes) {
            throw new IllegalArgumentException(device + " was opened with blocks of " + media.blockSize()
                    + " bytes: open it with blocks of " + unitBytes + " or less");
        }
    }

    /** The allocation unit of this device in bytes: granules are multiples of it. */
    public int unitBytes() {
        return catalogue.unitBytes();
    }

    /** Bytes that no area has. */
    public long freeBytes() {
        return free.units() * unitBytes();
    }

    /** Bytes that areas can have together; grows with the device. */
    public long totalBytes() {
        return (long) (catalogue.units() - catalogue.reservedUnits()) * unitBytes();
    }

    /**
     * Takes into use what the medium has grown by, after {@link Media#grow} was run elsewhere. Does nothing if it has
     * not grown by a unit.
     */
    public void adoptGrowth() throws IOException {
        requireSound();
        int unit = unitBytes();
        int units = (int) Math.min(media.size() / unit, Integer.MAX_VALUE);
        if (units <= catalogue.units()) {
            return;
        }
        // A growth that a crash cut short: these bytes were written by somebody, but never proven.
        int found = (int) Math.min((foundBytes + unit - 1) / unit, units);
        if (found > catalogue.units()) {
            admin.zero(List.of(new Run(catalogue.units(), found - catalogue.units()).extent(unit)));
        }
        commit(catalogue.withUnits(units));
        free.grow(units);
    }

    // ---- areas --------------------------------------------------------------------------------------------------

    /**
     * Makes an area of zeros.
     *
     * @throws ControlPlaneException if the name is taken, space or quota do not suffice, or the catalogue is full
     * @throws IllegalArgumentException if the name is no good, or the granule no multiple of {@link #unitBytes()}
     */
    public AreaInfo create(String name, AreaSpec spec) throws IOException {
        requireSound();
        requireNewName(name);
        int granule = granuleUnits(spec.granule());
        requireQuota(spec.owner(), spec.size());
        List<Run> runs = place(name, spec.size() / unitBytes(), granule, FreeSpace.NO_NEIGHBOUR);
        Area area =
                new Area(catalogue.nextId(), name, spec.owner(), granule, spec.limit(), Area.merge(List.of(), runs));
        Catalogue next = requireRoom(catalogue.with(area));
        zeroUsed(runs);
        commit(next);
        free.take(runs);
        return info(area);
    }

    /**
     * Opens an area: attaches it to a VSIC, and gives the VSIC the area's rate limit, or the strictest one if it has
     * several areas open. An area may be open for reading many times, and for writing once.
     *
     * @throws ControlPlaneException if there is no such area, or it is open for writing elsewhere
     */
    public Vsa open(String name, Vsic vsic, Rights rights) throws IOException {
        requireSound();
        Area area = require(name);
        Vsic writer = attachments.writer(area);
        if (rights == Rights.READ_WRITE && writer != null) {
            throw new ControlPlaneException(
                    Reason.IN_USE,
                    device + ": area \"" + name + "\" is open for writing at " + writer.name()
                            + ". Revoke that handle first, or open it read-only");
        }
        return attachments.attach(area, unitBytes(), vsic, rights);
    }

    /**
     * Gives an area another size, while it is in use. New space reads as zeros, and handles see it when this returns.
     * Windows on what an area keeps stay valid when it grows; when it shrinks, those on the extent that was cut do not.
     *
     * @param newSize bytes, a positive multiple of the area's granule
     * @throws ControlPlaneException as for {@link #create}; the area is then as it was
     */
    public AreaInfo resize(String name, long newSize) throws IOException {
        requireSound();
        Area area = require(name);
        long granule = (long) area.granule() * unitBytes();
        if (newSize <= 0 || newSize % granule != 0) {
            throw new IllegalArgumentException("size of " + newSize + " bytes for area \"" + name
                    + "\": must be a positive multiple of its granule of " + granule + " bytes");
        }
        long units = newSize / unitBytes();
        if (units > area.units()) {
            return info(grow(area, units - area.units()));
        }
        return info(units < area.units() ? shrink(area, units) : area);
    }

    private Area grow(Area area, long units) throws IOException {
        requireQuota(area.owner(), units * unitBytes());
        List<Run> runs = place(area.name(), units, area.granule(), area.end());
        Area grown = area.extendedBy(runs);
        Catalogue next = requireRoom(catalogue.with(grown));
        zeroUsed(runs);
        commit(next);
        free.take(runs);
        attachments.resize(grown, unitBytes());
        return grown;
    }

    private Area shrink(Area area, long units) throws IOException {
        Area cut = area.cutTo(units);
        // The handles first: nobody may write to space that the catalogue is about to give back.
        attachments.resize(cut, unitBytes());
        commit(catalogue.with(cut));
        free.give(area.runsFrom(units));
        return cut;
    }

    /** Gives an area another name. Its id and its handles stay. */
    public void rename(String from, String to) throws IOException {
        requireSound();
        Area area = require(from);
        requireNewName(to);
        commit(requireRoom(catalogue.without(from).with(area.renamed(to))));
    }

    /**
     * Deletes an area: takes it away from all who have it open, then frees its space. Its id is not given out again.
     */
    public void delete(String name) throws IOException {
        requireSound();
        Area area = require(name);
        attachments.revokeAll(area);
        commit(catalogue.without(name));
        free.give(area.runs());
    }

    /** All areas, by name. */
    public List<AreaInfo> list() {
        return catalogue.areas().values().stream().map(this::info).toList();
    }

    public Optional<AreaInfo> find(String name) {
        return Optional.ofNullable(catalogue.areas().get(name)).map(this::info);
    }

    /** Takes one handle away. The area stays, and can be opened again. */
    public void revoke(Vsa area) {
        attachments.revoke(area);
    }

    // ---- limits -------------------------------------------------------------------------------------------------

    /**
     * Sets how much all areas of an owner may have together. If they have more already, they keep it and cannot grow.
     *
     * @param bytes zero or more; {@link #NO_QUOTA} for no limit
     */
    public void quota(String owner, long bytes) throws IOException {
        requireSound();
        Names.utf8("owner", owner);
        if (bytes < 0) {
            throw new IllegalArgumentException("quota of " + bytes + " bytes for " + owner);
        }
        commit(requireRoom(catalogue.withQuota(owner, bytes == NO_QUOTA ? null : bytes)));
    }

    /** How much all areas of an owner may have together; {@link #NO_QUOTA} for no limit. */
    public long quota(String owner) {
        return catalogue.quotas().getOrDefault(owner, NO_QUOTA);
    }

    /** Sets the rate limit of an area, for those who have it open and those who will. */
    public void limit(String name, RateLimit limit) throws IOException {
        requireSound();
        Area limited = require(name).limited(limit);
        commit(catalogue.with(limited));
        attachments.limit(limited);
    }

    // ---- space --------------------------------------------------------------------------------------------------

    /** Finds room, and makes some if the device may grow. */
    private List<Run> place(String name, long units, int granule, int neighbour) throws IOException {
        List<Run> runs = free.plan(units, granule, neighbour);
        if (runs == null) {
            adoptGrowth();
            runs = free.plan(units, granule, neighbour);
        }
        if (runs == null) {
            growDevice(name, units, granule);
            runs = free.plan(units, granule, neighbour);
        }
        if (runs == null) {
            throw new IllegalStateException("no room for " + units + " units after growing to " + catalogue.units());
        }
        return runs;
    }

    private void growDevice(String name, long units, int granule) throws IOException {
        int unit = unitBytes();
        long needed = free.unitsFor(units, granule);
        long target = needed > Integer.MAX_VALUE ? 0 : growth.sizeFor(needed * unit) / unit;
        if (target < needed) {
            throw noSpace(
                    name,
                    units,
                    granule,
                    "the device would have to grow from " + (long) catalogue.units() * unit + " to " + bytes(needed)
                            + " bytes, and may grow: " + growth,
                    null);
        }
        try {
            media.grow(target * unit);
        } catch (IOException e) {
            throw noSpace(name, units, granule, "the device cannot grow: " + e.getMessage(), e);
        }
        adoptGrowth();
    }

    private ControlPlaneException noSpace(
            String name, long units, int granule, String why, @Nullable IOException cause) {
        int unit = unitBytes();
        String message = device + ": area \"" + name + "\" needs " + bytes(units) + " bytes more, and "
                + free.units(granule) * unit + " of " + totalBytes() + " are free in pieces of " + (long) granule * unit
                + "; " + why + ". Delete or shrink areas, or let the device grow";
        return cause == null
                ? new ControlPlaneException(Reason.NO_SPACE, message)
                : new ControlPlaneException(Reason.NO_SPACE, message, cause);
    }

    /** For messages, where a number that is far too large may come up. */
    private long bytes(long units) {
        return units > Long.MAX_VALUE / unitBytes() ? Long.MAX_VALUE : units * unitBytes();
    }

    /** Zeroes what of these runs somebody may have written to before. The rest never left the state it was made in. */
    private void zeroUsed(List<Run> runs) throws IOException {
        List<Run> used = new ArrayList<>();
        for (Run run : runs) {
            int end = Math.min(run.end(), catalogue.highWater());
            if (end > run.start()) {
                used.add(new Run(run.start(), end - run.start()));
            }
        }
        if (!used.isEmpty()) {
            admin.zero(used.stream().map(run -> run.extent(unitBytes())).toList());
        }
    }

    private void commit(Catalogue next) throws IOException {
        inDoubt = true;
        store.commit(next);
        catalogue = next;
        inDoubt = false;
    }

    /** The present catalogue. */
    Catalogue catalogue() {
        return catalogue;
    }

    // ---- refusals -----------------------------------------------------------------------------------------------

    private void requireSound() throws ControlPlaneException {
        if (inDoubt) {
            throw new ControlPlaneException(
                    Reason.FAILED,
                    device
                            + ": an earlier change of the catalogue failed, so it is not known what the medium holds."
                            + " Close the device and open it again");
        }
    }

    private Area require(String name) throws ControlPlaneException {
        Area area = catalogue.areas().get(name);
        if (area == null) {
            throw new ControlPlaneException(
                    Reason.UNKNOWN_NAME,
                    device + " has no area named \"" + name + "\" among its "
                            + catalogue.areas().size());
        }
        return area;
    }

    private void requireNewName(String name) throws ControlPlaneException {
        Names.utf8("area", name);
        if (catalogue.areas().containsKey(name)) {
            throw new ControlPlaneException(
                    Reason.DUPLICATE_NAME, device + " has an area named \"" + name + "\" already. Choose another name");
        }
    }

    private void requireQuota(String owner, long more) throws ControlPlaneException {
        long quota = quota(owner);
        long used = catalogue.bytesOf(owner);
        if (quota != NO_QUOTA && more > quota - used) {
            throw new ControlPlaneException(
                    Reason.QUOTA_EXCEEDED,
                    device + ": owner \"" + owner + "\" has " + used + " bytes of a quota of " + quota + ", and wants "
                            + more + " more. Raise the quota, or delete or shrink areas");
        }
    }

    private Catalogue requireRoom(Catalogue next) throws ControlPlaneException {
        long length = CatalogueFormat.length(next);
        if (length > CatalogueFormat.COPY_BYTES) {
            throw new ControlPlaneException(
                    Reason.CATALOGUE_FULL,
                    device + ": the catalogue would take " + length + " bytes for "
                            + next.areas().size() + " areas, and has room for " + CatalogueFormat.COPY_BYTES
                            + ". Delete areas");
        }
        return next;
    }

    private int granuleUnits(long granule) {
        if (granule % unitBytes() != 0 || granule / unitBytes() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "granule of " + granule + " bytes: must be a multiple of the unit, " + unitBytes() + " bytes");
        }
        return (int) (granule / unitBytes());
    }

    private AreaInfo info(Area area) {
        int unit = unitBytes();
        return new AreaInfo(
                area.id(),
                area.name(),
                area.units() * unit,
                (long) area.granule() * unit,
                area.owner(),
                area.limit(),
                area.runs().size());
    }
}
