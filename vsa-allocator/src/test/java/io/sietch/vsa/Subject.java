package io.sietch.vsa;

import io.sietch.vsa.ControlPlaneException.Reason;
import io.sietch.vsic.Media;
import io.sietch.vsic.Vsa;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A device under test with the handles that are open on it: they stay open across operations, as an application's do.
 */
final class Subject {
    final GrowthPolicy growth;
    final Map<String, Vsa> handles = new HashMap<>();
    Device device;

    Subject(Media media, GrowthPolicy growth) throws IOException {
        this.growth = growth;
        this.device = new Device(media, growth);
    }

    /** Runs one operation; returns why it was refused, or null. */
    @Nullable
    Reason run(Operation operation) throws IOException {
        ControlPlane plane = device.plane;
        try {
            switch (operation) {
                case Operation.Create c ->
                    plane.create(
                            c.name(),
                            AreaSpec.of(
                                            (long) c.granules() * c.granule() * Device.UNIT,
                                            (long) c.granule() * Device.UNIT)
                                    .withOwner(c.owner()));
                case Operation.Resize r -> {
                    long granule = plane.find(r.name()).map(AreaInfo::granule).orElse(1L);
                    plane.resize(r.name(), r.granules() * granule);
                }
                case Operation.Rename r -> {
                    plane.rename(r.from(), r.to());
                    Vsa handle = handles.remove(r.from());
                    if (handle != null) {
                        handles.put(r.to(), handle);
                    }
                }
                case Operation.Delete d -> {
                    plane.delete(d.name());
                    Vsa handle = handles.remove(d.name());
                    if (handle != null && !handle.isRevoked()) {
                        throw new AssertionError("a handle outlives its area");
                    }
                }
                case Operation.Quota q ->
                    plane.quota(
                            q.owner(),
                            q.units() == ControlPlane.NO_QUOTA / Device.UNIT
                                    ? ControlPlane.NO_QUOTA
                                    : q.units() * Device.UNIT);
                case Operation.Limit l -> plane.limit(l.name(), l.limit());
                case Operation.Write w -> write(w);
                case Operation.Reopen r -> {
                    handles.clear();
                    device = device.reopen(growth);
                }
            }
            return null;
        } catch (ControlPlaneException e) {
            return e.reason();
        }
    }

    private void write(Operation.Write write) throws IOException {
        if (device.plane.find(write.name()).isEmpty()) {
            return;
        }
        Vsa handle = handles.get(write.name());
        if (handle == null) {
            handle = device.open(write.name());
            handles.put(write.name(), handle);
        }
        long units = handle.size() / Device.UNIT;
        device.fill(handle, write.unit() % units * Device.UNIT, Device.UNIT, write.value());
        device.flush(handle);
    }
}
