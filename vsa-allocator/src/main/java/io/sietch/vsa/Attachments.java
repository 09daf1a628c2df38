package io.sietch.vsa;

import io.sietch.vsic.Extent;
import io.sietch.vsic.RateLimit;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who has which area open. Keeps the handles in step with the catalogue: their sizes, their end, and the rate limits of
 * the VSICs that hold them.
 */
final class Attachments {
    /**
     * One handle, with the pieces that its windows lie on: a window on a piece stays valid as long as the piece stays.
     */
    private static final class Attachment {
        final long areaId;
        final Vsic vsic;
        final Vsa handle;
        final List<Extent> pieces;
        RateLimit limit;

        Attachment(Area area, Vsic vsic, Vsa handle, List<Extent> pieces) {
            this.areaId = area.id();
            this.vsic = vsic;
            this.handle = handle;
            this.pieces = new ArrayList<>(pieces);
            this.limit = area.limit();
        }
    }

    private final StorageController controller;
    private final List<Attachment> attachments = new ArrayList<>();
    private final Map<Vsic, RateLimit> applied = new IdentityHashMap<>();

    Attachments(StorageController controller) {
        this.controller = controller;
    }

    Vsa attach(Area area, int unitBytes, Vsic vsic, Rights rights) throws IOException {
        List<Extent> extents = area.extents(unitBytes);
        Vsa handle = controller.attach(vsic, area.id(), extents, rights);
        attachments.add(new Attachment(area, vsic, handle, extents));
        applyLimit(vsic);
        return handle;
    }

    /** The VSIC that has the area open for writing, or null. */
    @Nullable
    Vsic writer(Area area) {
        forgetRevoked();
        for (Attachment attachment : attachments) {
            if (attachment.areaId == area.id() && attachment.handle.rights() == Rights.READ_WRITE) {
                return attachment.vsic;
            }
        }
        return null;
    }

    /** Lets all handles of an area see more space. Their present windows stay: new space is a piece of its own. */
    void extend(Area area, List<Extent> more) throws IOException {
        forgetRevoked();
        for (Attachment attachment : attachments) {
            if (attachment.areaId == area.id()) {
                attachment.pieces.addAll(more);
                controller.resize(attachment.handle, attachment.pieces);
            }
        }
    }

    /** Cuts all handles of an area to so many bytes. */
    void cut(Area area, long bytes) throws IOException {
        forgetRevoked();
        for (Attachment attachment : attachments) {
            if (attachment.areaId == area.id()) {
                long surplus = attachment.handle.size() - bytes;
                while (surplus > 0) {
                    Extent last = attachment.pieces.removeLast();
                    if (last.length() > surplus) {
                        attachment.pieces.add(new Extent(last.offset(), last.length() - surplus));
                    }
                    surplus -= last.length();
                }
                controller.resize(attachment.handle, attachment.pieces);
            }
        }
    }

    void limit(Area area, RateLimit limit) {
        forgetRevoked();
        for (Attachment attachment : attachments) {
            if (attachment.areaId == area.id()) {
                attachment.limit = limit;
                applyLimit(attachment.vsic);
            }
        }
    }

    void revokeAll(Area area) {
        for (Attachment attachment : List.copyOf(attachments)) {
            if (attachment.areaId == area.id()) {
                revoke(attachment.handle);
            }
        }
    }

    void revoke(Vsa handle) {
        controller.revoke(handle);
        forgetRevoked();
    }

    /** A handle may also have been revoked at the controller. */
    private void forgetRevoked() {
        List<Vsic> concerned = new ArrayList<>();
        attachments.removeIf(attachment -> {
            boolean gone = attachment.handle.isRevoked();
            if (gone) {
                concerned.add(attachment.vsic);
            }
            return gone;
        });
        concerned.forEach(this::applyLimit);
    }

    /**
     * A VSIC gets the strictest limits of the areas that it has open. One that never had a limited area is left alone.
     */
    private void applyLimit(Vsic vsic) {
        RateLimit limit = RateLimit.NONE;
        for (Attachment attachment : attachments) {
            if (attachment.vsic == vsic) {
                limit = stricter(limit, attachment.limit);
            }
        }
        if (!limit.equals(applied.getOrDefault(vsic, RateLimit.NONE))) {
            controller.limit(vsic, limit);
            applied.put(vsic, limit);
        }
    }

    private static RateLimit stricter(RateLimit a, RateLimit b) {
        if (a.equals(RateLimit.NONE) || b.equals(RateLimit.NONE)) {
            return a.equals(RateLimit.NONE) ? b : a;
        }
        return new RateLimit(
                lower(a.bytesPerSecond(), b.bytesPerSecond()),
                lower(a.commandsPerSecond(), b.commandsPerSecond()),
                Math.min(a.burstNanos(), b.burstNanos()));
    }

    private static long lower(long a, long b) {
        if (a == RateLimit.UNLIMITED || b == RateLimit.UNLIMITED) {
            return Math.max(a, b);
        }
        return Math.min(a, b);
    }
}
