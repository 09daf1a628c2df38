package io.sietch.vsa;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsic.Vsa;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** After a crash at any moment every operation has happened or has not, and it has if it had returned. */
class ControlPlaneCrashTest {
    private static final int UNITS = 24;
    private static final GrowthPolicy GROWTH =
            new GrowthPolicy(Device.REGION + (UNITS + 8L) * Device.UNIT, 3L * Device.UNIT);

    @Provide
    Arbitrary<List<Operation>> operations() {
        return Operation.lists(20);
    }

    @Property(tries = 500)
    void every_operation_is_atomic_across_crashes(
            @ForAll("operations") List<Operation> operations,
            @ForAll @IntRange(min = 1, max = 60) int crashAfter,
            @ForAll @IntRange(min = 1, max = 12) int againAfter,
            @ForAll @IntRange(max = CatalogueFormat.COPIES) int lost,
            @ForAll long seed)
            throws IOException {
        Random random = new Random(seed);
        LossyMedia media = new LossyMedia(Device.REGION + (long) UNITS * Device.UNIT, GROWTH.maxBytes());
        ControlPlane.format(media, Device.UNIT);
        Model after = new Model();
        Model before = after.copy();
        Subject subject = new Subject(media, GROWTH);
        media.powerFailsAfter(crashAfter);
        for (Operation operation : operations) {
            before = after.copy();
            Catalogue present = subject.device.plane.catalogue();
            int mayGrow = (int) (GROWTH.maxBytes() / Device.UNIT) - present.units();
            after.apply(operation, FreeSpace.of(present).runs(), present.units(), mayGrow);
            try {
                subject.run(operation);
            } catch (IOException e) {
                assertThat(media.isOff()).as("%s failed: %s", operation, e).isTrue();
            }
            if (media.isOff()) {
                before.forgetWritten(operation);
                after.forgetWritten(operation);
                break;
            }
            before = after;
        }
        checkRecovered(recovering(media, againAfter, lost, random), before, after, random);
    }

    @Property(tries = 400)
    void nobody_sees_what_another_left_even_if_the_crash_comes_while_space_changes_hands(
            @ForAll @IntRange(min = 1, max = 9) int crashAfter, @ForAll boolean growing, @ForAll long seed)
            throws IOException {
        LossyMedia media = new LossyMedia(Device.REGION + 8L * Device.UNIT, Device.REGION + 8L * Device.UNIT);
        ControlPlane.format(media, Device.UNIT);
        Device device = new Device(media, GrowthPolicy.NEVER);
        if (growing) {
            device.plane.create("new", AreaSpec.of(Device.UNIT, Device.UNIT));
        }
        device.plane.create("old", AreaSpec.of(4L * Device.UNIT, Device.UNIT));
        Vsa old = device.open("old");
        device.fill(old, 0, old.size(), 0xEE);
        device.flush(old);
        device.plane.delete("old");
        media.powerFailsAfter(crashAfter);
        try {
            if (growing) {
                device.plane.resize("new", 5L * Device.UNIT);
            } else {
                device.plane.create("new", AreaSpec.of(4L * Device.UNIT, Device.UNIT));
            }
        } catch (IOException e) {
            assertThat(media.isOff()).as("%s", e).isTrue();
        }
        Device found = new Device(media.afterPowerLoss(new Random(seed)), GROWTH);
        if (found.plane.find("new").isPresent()) {
            Vsa area = found.open("new");
            assertThat(found.holds(area, 0, area.size(), 0)).isTrue();
        }
        found.close();
    }

    /** The medium after a crash, and two more in recovery; then one copy of the catalogue, or none, is lost besides. */
    private static LossyMedia recovering(LossyMedia media, int againAfter, int lost, Random random) {
        LossyMedia found = media.afterPowerLoss(random);
        for (int crash = 0; crash < 2; crash++) {
            found.powerFailsAfter(againAfter);
            try {
                new Device(found, GROWTH).close();
            } catch (IOException e) {
                assertThat(found.isOff()).as("recovery failed: %s", e).isTrue();
            }
            found = found.afterPowerLoss(random);
        }
        if (lost < CatalogueFormat.COPIES) {
            found.damage(CatalogueFormat.copyOffset(lost), CatalogueFormat.COPY_BYTES);
        }
        return found;
    }

    /** One of the two states is found, for good, and the device can be used. */
    private static void checkRecovered(LossyMedia found, Model before, Model after, Random random) throws IOException {
        Device device = new Device(found, GROWTH);
        Model survivor = after.describes(device.plane) ? after : before;
        survivor.check(device, new HashMap<>());

        Catalogue once = device.plane.catalogue();
        device.close();
        LossyMedia again = found.afterPowerLoss(random);
        device = new Device(again, GROWTH);
        assertThat(device.plane.catalogue()).isEqualTo(once);
        if (device.plane.freeBytes() > 0) {
            device.plane.create(
                    "afterwards", AreaSpec.of(Device.UNIT, Device.UNIT).withOwner("carol"));
            assertThat(device.holds(device.open("afterwards"), 0, Device.UNIT, 0))
                    .isTrue();
        }
        device.close();
    }
}
