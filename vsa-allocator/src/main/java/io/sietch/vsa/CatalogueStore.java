package io.sietch.vsa;

import io.sietch.vsa.ControlPlaneException.Reason;
import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.Extent;
import io.sietch.vsic.Media;
import io.sietch.vsic.Vsa;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The copies of the catalogue on the medium.
 *
 * <p>Copies 0 and 1 are the first pair, copies 2 and 3 the second. A copy is <em>newest</em> if it is intact and none
 * that is intact has a higher sequence.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Between commits all copies hold the same sequence, durably.
 *   <li>During a commit one pair at a time is being overwritten, and the other one is durable. So a crash at any moment
 *       leaves two intact copies of the old or of the new catalogue, and one of the two may be lost besides.
 *   <li>A commit has returned only when all copies are durable. What it replaced cannot come back then unless all four
 *       are lost.
 *   <li>Recovery never overwrites the last newest copy before a newer one is durable.
 * </ol>
 */
final class CatalogueStore {
    private static final Logger LOG = System.getLogger(CatalogueStore.class.getPackageName());

    /** Catalogues are read and written in pages, also where the medium has smaller blocks. */
    private static final int PAGE = 4096;

    private final String device;
    private final AdminQueue admin;
    private final Vsa region;
    private final int pageBytes;
    private final DmaBuffer buffer;
    private long sequence;

    private CatalogueStore(String device, AdminQueue admin, Vsa region, int pageBytes) {
        this.device = device;
        this.admin = admin;
        this.region = region;
        this.pageBytes = pageBytes;
        this.buffer = DmaBuffer.allocate(CatalogueFormat.COPY_BYTES, pageBytes, Arena.ofAuto());
    }

    /** Writes a first catalogue to a bare medium and flushes it. */
    static void format(Media media, Catalogue catalogue) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int pageBytes = pageBytes(media.blockSize());
            DmaBuffer buffer = DmaBuffer.allocate(CatalogueFormat.COPY_BYTES, pageBytes, arena);
            int length = encode(catalogue, 1, buffer, pageBytes);
            for (int copy = 0; copy < CatalogueFormat.COPIES; copy++) {
                CatalogueFormat.renumber(buffer.segment(), copy);
                media.write(CatalogueFormat.copyOffset(copy), buffer, 0, length);
            }
        }
        media.flush();
    }

    /**
     * @param device what to call the device in messages
     * @param media the medium, large enough for the copies
     */
    static CatalogueStore attach(String device, Media media, AdminQueue admin) throws IOException {
        Vsa region = admin.attach(List.of(new Extent(0, CatalogueFormat.REGION_BYTES)));
        return new CatalogueStore(device, admin, region, pageBytes(media.blockSize()));
    }

    // ---- recovery -----------------------------------------------------------------------------------------------

    /**
     * Finds the newest catalogue, and makes all copies equal to it.
     *
     * @throws ControlPlaneException if there is none, or one of a version that is not known
     */
    Catalogue recover() throws IOException {
        // What reads show now may never have become durable: its writer may have been killed before its flush.
        admin.io().flush(region);
        CatalogueCopy[] copies = new CatalogueCopy[CatalogueFormat.COPIES];
        for (int copy = 0; copy < copies.length; copy++) {
            copies[copy] = read(copy);
        }
        int newest = newest(copies);
        CatalogueCopy.Valid found = (CatalogueCopy.Valid) copies[newest];
        sequence = found.sequence();
        if (!allEqual(copies)) {
            repair(copies, newest, found.catalogue());
        }
        return found.catalogue();
    }

    private CatalogueCopy read(int copy) throws IOException {
        long offset = CatalogueFormat.copyOffset(copy);
        try {
            admin.io().read(region, offset, buffer, 0, pageBytes);
            int length = roundUp(CatalogueFormat.claimedLength(buffer.segment()), pageBytes);
            if (length > pageBytes) {
                admin.io().read(region, offset + pageBytes, buffer, pageBytes, length - pageBytes);
            }
            return CatalogueFormat.decode(buffer.segment().asSlice(0, Math.max(length, pageBytes)), copy);
        } catch (IOException e) {
            return new CatalogueCopy.Damaged("it cannot be read: " + e.getMessage());
        }
    }

    private int newest(CatalogueCopy[] copies) throws ControlPlaneException {
        int newest = -1;
        long highest = Long.MIN_VALUE;
        boolean marked = false;
        StringBuilder details = new StringBuilder();
        for (int copy = 0; copy < copies.length; copy++) {
            switch (copies[copy]) {
                case CatalogueCopy.UnknownVersion unknown ->
                    throw new ControlPlaneException(
                            Reason.UNKNOWN_VERSION,
                            device + " has a catalogue of version " + unknown.version()
                                    + ", and this program knows version " + CatalogueFormat.VERSION
                                    + ": open it with the program that wrote it, or a newer one");
                case CatalogueCopy.Valid valid -> {
                    marked = true;
                    if (newest < 0 || valid.sequence() > highest) {
                        newest = copy;
                        highest = valid.sequence();
                    } else if (valid.sequence() == highest && !valid.equals(copies[newest])) {
                        throw new ControlPlaneException(
                                Reason.CATALOGUE_DAMAGED,
                                device + " has two different catalogues of sequence " + highest + ", copies " + newest
                                        + " and " + copy + ": restore the device from a backup");
                    }
                }
                case CatalogueCopy.Damaged damaged -> {
                    marked = true;
                    details.append("; copy ").append(copy).append(": ").append(damaged.detail());
                }
                case CatalogueCopy.Unmarked unmarked ->
                    details.append("; copy ").append(copy).append(": no magic number");
            }
        }
        if (newest >= 0) {
            return newest;
        }
        throw marked
                ? new ControlPlaneException(
                        Reason.CATALOGUE_DAMAGED,
                        device + ": all " + copies.length + " copies of its catalogue are damaged" + details
                                + ". Restore the device from a backup")
                : new ControlPlaneException(
                        Reason.NOT_A_DEVICE,
                        device + " is not a Sietch device: no catalogue at its front. Name another file, or create a"
                                + " device");
    }

    private static boolean allEqual(CatalogueCopy[] copies) {
        for (CatalogueCopy copy : copies) {
            if (!copy.equals(copies[0])) {
                return false;
            }
        }
        return true;
    }

    /**
     * Writes the found catalogue to all copies under a new sequence, one at a time: damaged ones first, then older
     * ones, the newest last. So what is overwritten is always what would be missed least, even if what reads show of
     * the newest copy was never durable.
     */
    private void repair(CatalogueCopy[] copies, int newest, Catalogue catalogue) throws IOException {
        for (int copy = 0; copy < copies.length; copy++) {
            if (copies[copy] instanceof CatalogueCopy.Valid valid) {
                LOG.log(Level.DEBUG, "{0}: copy {1} of the catalogue has sequence {2}", device, copy, valid.sequence());
            } else {
                LOG.log(Level.WARNING, "{0}: copy {1} of the catalogue is rewritten: {2}", device, copy, copies[copy]);
            }
        }
        // A copy that was torn may hold words of a commit with the next sequence: that one is never used again, or a
        // crash here could complete what was torn, beside copies that say something else under the same number.
        sequence += 2;
        int length = encode(catalogue, sequence, buffer, pageBytes);
        for (int copy : repairOrder(copies, newest)) {
            write(copy, length);
            admin.io().flush(region);
        }
    }

    private static List<Integer> repairOrder(CatalogueCopy[] copies, int newest) {
        List<Integer> order = new ArrayList<>();
        for (int copy = 0; copy < copies.length; copy++) {
            if (copy != newest) {
                order.add(copy);
            }
        }
        order.sort(Comparator.comparingLong(
                copy -> copies[copy] instanceof CatalogueCopy.Valid valid ? valid.sequence() : Long.MIN_VALUE));
        order.add(newest);
        return order;
    }

    // ---- committing ---------------------------------------------------------------------------------------------

    /**
     * Puts a catalogue in the place of the present one. After an exception nobody knows which of the two it will be.
     */
    void commit(Catalogue catalogue) throws IOException {
        String inconsistency = catalogue.inconsistency();
        if (inconsistency != null) {
            throw new IllegalStateException("refusing to write a catalogue that is wrong: " + inconsistency);
        }
        sequence++;
        int length = encode(catalogue, sequence, buffer, pageBytes);
        write(0, length);
        write(1, length);
        admin.io().flush(region);
        write(2, length);
        write(3, length);
        admin.io().flush(region);
    }

    private void write(int copy, int length) throws IOException {
        CatalogueFormat.renumber(buffer.segment(), copy);
        admin.io().write(region, CatalogueFormat.copyOffset(copy), buffer, 0, length);
    }

    /** Encodes a copy, padded with zeros to whole blocks, and returns its length. */
    private static int encode(Catalogue catalogue, long sequence, DmaBuffer buffer, int blockSize) {
        int length = roundUp(Math.toIntExact(CatalogueFormat.length(catalogue)), blockSize);
        buffer.segment().asSlice(0, length).fill((byte) 0);
        CatalogueFormat.encode(catalogue, sequence, 0, buffer.segment());
        return length;
    }

    private static int pageBytes(int blockSize) {
        return Math.max(blockSize, PAGE);
    }

    private static int roundUp(int length, int blockSize) {
        return (length + blockSize - 1) & -blockSize;
    }
}
