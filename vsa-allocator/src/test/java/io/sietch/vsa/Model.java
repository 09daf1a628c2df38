package io.sietch.vsa;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsa.ControlPlaneException.Reason;
import io.sietch.vsic.RateLimit;
import io.sietch.vsic.Vsa;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a device should be: names, numbers and bytes, as plain maps. Knows nothing of where areas lie. */
final class Model {
    /** In {@link ModelArea#contents}: a crash came while this unit was being written. */
    static final int UNKNOWN = -1;

    /** One area; {@code contents} has the byte that fills each unit. */
    record ModelArea(long id, int granule, String owner, RateLimit limit, int[] contents) {
        ModelArea withContents(int[] newContents) {
            return new ModelArea(id, granule, owner, limit, newContents);
        }
    }

    private final Map<String, ModelArea> areas = new TreeMap<>();
    private final Map<String, Long> quotas = new TreeMap<>();
    private long nextId = 1;

    Model copy() {
        Model copy = new Model();
        areas.forEach((name, area) ->
                copy.areas.put(name, area.withContents(area.contents().clone())));
        copy.quotas.putAll(quotas);
        copy.nextId = nextId;
        return copy;
    }

    /**
     * Does to the model what the operation should do to the device.
     *
     * @param free the device's free runs and how many units it may still grow by, for the one thing that depends on
     *     them
     * @return why the device should refuse, or null
     */
    @Nullable
    Reason apply(Operation operation, List<Run> free, int end, int mayGrow) {
        return switch (operation) {
            case Operation.Create create -> create(create, free, end, mayGrow);
            case Operation.Resize resize -> resize(resize, free, end, mayGrow);
            case Operation.Rename rename -> {
                if (!areas.containsKey(rename.from())) {
                    yield Reason.UNKNOWN_NAME;
                }
                if (areas.containsKey(rename.to())) {
                    yield Reason.DUPLICATE_NAME;
                }
                areas.put(rename.to(), areas.remove(rename.from()));
                yield null;
            }
            case Operation.Delete delete -> areas.remove(delete.name()) == null ? Reason.UNKNOWN_NAME : null;
            case Operation.Quota quota -> {
                quotas.put(quota.owner(), quota.units());
                yield null;
            }
            case Operation.Limit limit -> {
                ModelArea area = areas.get(limit.name());
                if (area == null) {
                    yield Reason.UNKNOWN_NAME;
                }
                areas.put(
                        limit.name(),
                        new ModelArea(area.id(), area.granule(), area.owner(), limit.limit(), area.contents()));
                yield null;
            }
            case Operation.Write write -> {
                ModelArea area = areas.get(write.name());
                if (area != null) {
                    area.contents()[write.unit() % area.contents().length] = write.value();
                }
                yield null;
            }
            case Operation.Reopen reopen -> null;
        };
    }

    private @Nullable Reason create(Operation.Create create, List<Run> free, int end, int mayGrow) {
        int need = create.granules() * create.granule();
        if (areas.containsKey(create.name())) {
            return Reason.DUPLICATE_NAME;
        }
        Reason refusal = space(create.owner(), need, create.granule(), free, end, mayGrow);
        if (refusal == null) {
            areas.put(
                    create.name(),
                    new ModelArea(nextId++, create.granule(), create.owner(), RateLimit.NONE, new int[need]));
        }
        return refusal;
    }

    private @Nullable Reason resize(Operation.Resize resize, List<Run> free, int end, int mayGrow) {
        ModelArea area = areas.get(resize.name());
        if (area == null) {
            return Reason.UNKNOWN_NAME;
        }
        int units = resize.granules() * area.granule();
        int more = units - area.contents().length;
        Reason refusal = more <= 0 ? null : space(area.owner(), more, area.granule(), free, end, mayGrow);
        if (refusal == null) {
            areas.put(resize.name(), area.withContents(Arrays.copyOf(area.contents(), units)));
        }
        return refusal;
    }

    private @Nullable Reason space(String owner, int need, int granule, List<Run> free, int end, int mayGrow) {
        long used = 0;
        for (ModelArea area : areas.values()) {
            used += area.owner().equals(owner) ? area.contents().length : 0;
        }
        if (used + need > quotas.getOrDefault(owner, Long.MAX_VALUE)) {
            return Reason.QUOTA_EXCEEDED;
        }
        int pieces = 0;
        int growth = mayGrow;
        for (Run run : free) {
            boolean last = run.end() == end;
            pieces += (run.count() + (last ? mayGrow : 0)) / granule;
            growth = last ? 0 : growth;
        }
        pieces += growth / granule;
        return pieces * granule < need ? Reason.NO_SPACE : null;
    }

    /** After a crash in this operation: what it was writing may be anything. */
    void forgetWritten(Operation operation) {
        if (operation instanceof Operation.Write write) {
            ModelArea area = areas.get(write.name());
            if (area != null) {
                area.contents()[write.unit() % area.contents().length] = UNKNOWN;
            }
        }
    }

    /** Whether the device has these areas and quotas. */
    boolean describes(ControlPlane plane) {
        List<AreaInfo> expected = new ArrayList<>();
        areas.forEach((name, area) -> expected.add(info(name, area)));
        List<AreaInfo> found = plane.list().stream()
                .map(i -> new AreaInfo(i.id(), i.name(), i.size(), i.granule(), i.owner(), i.limit(), 0))
                .toList();
        for (String owner : Operation.OWNERS) {
            long units = quotas.getOrDefault(owner, ControlPlane.NO_QUOTA / Device.UNIT);
            if (plane.quota(owner) / Device.UNIT != units) {
                return false;
            }
        }
        return found.equals(expected);
    }

    private static AreaInfo info(String name, ModelArea area) {
        return new AreaInfo(
                area.id(),
                name,
                (long) area.contents().length * Device.UNIT,
                (long) area.granule() * Device.UNIT,
                area.owner(),
                area.limit(),
                0);
    }

    /** Checks the numbers, the invariants and every byte. */
    void check(Device device, Map<String, Vsa> handles) throws IOException {
        assertThat(device.plane.list()).isNotNull();
        assertThat(describes(device.plane))
                .as("areas %s and quotas %s, found %s", areas, quotas, device.plane.list())
                .isTrue();
        Catalogue catalogue = device.plane.catalogue();
        assertThat(catalogue.inconsistency()).isNull();
        long used = areas.values().stream().mapToLong(a -> a.contents().length).sum() * Device.UNIT;
        assertThat(device.plane.freeBytes() + used).isEqualTo(device.plane.totalBytes());
        assertThat(device.plane.freeBytes()).isEqualTo(FreeSpace.of(catalogue).units() * Device.UNIT);
        for (var entry : areas.entrySet()) {
            Vsa handle = handle(device, handles, entry.getKey());
            int[] contents = entry.getValue().contents();
            assertThat(handle.size()).isEqualTo((long) contents.length * Device.UNIT);
            assertThat(handle.id()).isEqualTo(entry.getValue().id());
            for (int unit = 0; unit < contents.length; unit++) {
                if (contents[unit] != UNKNOWN) {
                    assertThat(Device.holds(handle.view((long) unit * Device.UNIT, Device.UNIT), contents[unit]))
                            .as("unit %d of area %s holds %d only", unit, entry.getKey(), contents[unit])
                            .isTrue();
                }
            }
        }
    }

    private static Vsa handle(Device device, Map<String, Vsa> handles, String name) throws IOException {
        Vsa handle = handles.get(name);
        if (handle == null) {
            handle = device.open(name);
            handles.put(name, handle);
        }
        return handle;
    }
}
