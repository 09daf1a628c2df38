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
    private record Attachment(long areaId, Vsic vsic, Vsa handle, RateLimit limit) {}

    private final StorageController controller;
    private final List<Attachment> attachments = new ArrayList<>();
    private final Map<Vsic, RateLimit> applied = new IdentityHashMap<>();

    Attachments(StorageController controller) {
        this.controller = controller;
    }

    Vsa attach(Area area, int unitBytes, Vsic vsic, Rights rights) throws IOException {
        Vsa handle = controller.attach(vsic, area.id(), area.extents(unitBytes), rights);
        attachments.add(new Attachment(area.id(), vsic, handle, area.limit()));
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

    /** Lets all handles of an area see the extents that it has now. */
    void resize(Area area, int unitBytes) throws IOException {
        forgetRevoked();
        List<Extent> extents = area.extents(unitBytes);
        for (Attachment attachment : attachments) {
            if (attachment.areaId == area.id()) {
                controller.resize(attachment.handle, extents);
            }
        }
    }

    /** Lets the VSICs that have an area open feel its new limit. */
    void limit(Area area) {
        forgetRevoked();
        attachments.replaceAll(
                a -> a.areaId == area.id() ? new Attachment(a.areaId, a.vsic, a.handle, area.limit()) : a);
        attachments.forEach(attachment -> applyLimit(attachment.vsic));
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
