package io.sietch.vsa;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsa.ControlPlaneException.Reason;
import java.io.IOException;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever is done, the device is what a few maps say it should be, byte for byte. */
class ControlPlaneModelTest {
    private static final int UNITS = 24;
    private static final int MAX_UNITS = 40;

    @Provide
    Arbitrary<List<Operation>> operations() {
        return Operation.lists(40);
    }

    @Property(tries = 200)
    void a_device_that_may_not_grow_does_what_the_model_does(@ForAll("operations") List<Operation> operations)
            throws IOException {
        compare(operations, GrowthPolicy.NEVER, 0);
    }

    @Property(tries = 200)
    void a_device_that_may_grow_does_what_the_model_does(@ForAll("operations") List<Operation> operations)
            throws IOException {
        GrowthPolicy growth = new GrowthPolicy(Device.REGION + (long) MAX_UNITS * Device.UNIT, 5L * Device.UNIT);
        compare(operations, growth, MAX_UNITS);
    }

    private static void compare(List<Operation> operations, GrowthPolicy growth, int maxUnits) throws IOException {
        Model model = new Model();
        Subject subject = new Subject(Device.formatted(UNITS, MAX_UNITS), growth);
        for (Operation operation : operations) {
            Catalogue before = subject.device.plane.catalogue();
            List<Run> free = FreeSpace.of(before).runs();
            int units = before.units() - before.reservedUnits();
            Reason expected = model.apply(operation, free, before.units(), Math.max(0, maxUnits - units));
            assertThat(subject.run(operation)).as("%s", operation).isEqualTo(expected);
            model.check(subject.device, subject.handles);
        }
        subject.device.close();
    }
}
