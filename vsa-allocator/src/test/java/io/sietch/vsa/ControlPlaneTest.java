package io.sietch.vsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sietch.vsa.ControlPlaneException.Reason;
import io.sietch.vsic.RateLimit;
import io.sietch.vsic.Rights;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.VsicOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ControlPlaneTest {
    private static final int UNIT = Device.UNIT;
    private static final int UNITS = 16;

    private Device device;

    @BeforeEach
    void makeDevice() throws IOException {
        device = Device.withUnits(UNITS);
    }

    @AfterEach
    void closeDevice() {
        device.close();
    }

    private static AreaSpec units(int units) {
        return AreaSpec.of((long) units * UNIT, UNIT);
    }

    private static void refused(Reason reason, ThrowingCallable call, String... inMessage) {
        assertThatExceptionOfType(ControlPlaneException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason))
                .satisfies(e -> assertThat(e.getMessage()).contains(inMessage));
    }

    // ---- names and sizes ----------------------------------------------------------------------------------------

    @Test
    void a_new_device_is_all_free() {
        assertThat(device.plane.totalBytes()).isEqualTo((long) UNITS * UNIT);
        assertThat(device.plane.freeBytes()).isEqualTo((long) UNITS * UNIT);
        assertThat(device.plane.list()).isEmpty();
        assertThat(device.plane.unitBytes()).isEqualTo(UNIT);
    }

    @Test
    void a_created_area_is_there_after_reopening() throws IOException {
        AreaSpec spec = new AreaSpec(4L * UNIT, 2L * UNIT, "alice", RateLimit.of(1000, 10));
        AreaInfo made = device.plane.create("log", spec);
        device = device.reopen();
        assertThat(device.plane.list())
                .containsExactly(made)
                .containsExactly(new AreaInfo(1, "log", 4L * UNIT, 2L * UNIT, "alice", RateLimit.of(1000, 10), 1));
        assertThat(device.plane.find("log")).contains(made);
        assertThat(device.plane.find("gol")).isEmpty();
        assertThat(device.plane.freeBytes()).isEqualTo(12L * UNIT);
    }

    @Test
    void an_area_keeps_what_was_written_to_it() throws IOException {
        device.plane.create("a", units(3));
        Vsa area = device.open("a");
        assertThat(area.size()).isEqualTo(3L * UNIT);
        device.fill(area, 0, 3L * UNIT, 7);
        device.flush(area);
        device = device.reopen();
        assertThat(device.holds(device.open("a"), 0, 3L * UNIT, 7)).isTrue();
    }

    @Test
    void names_are_unique_and_areas_listed_by_name() throws IOException {
        device.plane.create("b", units(1));
        device.plane.create("a", units(1));
        refused(Reason.DUPLICATE_NAME, () -> device.plane.create("a", units(1)), "\"a\"", "another name");
        refused(Reason.DUPLICATE_NAME, () -> device.plane.rename("a", "b"), "\"b\"");
        assertThat(device.plane.list()).extracting(AreaInfo::name).containsExactly("a", "b");
    }

    @Test
    void an_unknown_name_is_refused_by_every_operation() {
        ControlPlane plane = device.plane;
        refused(Reason.UNKNOWN_NAME, () -> device.open("x"), "\"x\"");
        refused(Reason.UNKNOWN_NAME, () -> plane.resize("x", UNIT), "\"x\"");
        refused(Reason.UNKNOWN_NAME, () -> plane.rename("x", "y"), "\"x\"");
        refused(Reason.UNKNOWN_NAME, () -> plane.delete("x"), "\"x\"");
        refused(Reason.UNKNOWN_NAME, () -> plane.limit("x", RateLimit.NONE), "\"x\"");
    }

    @Test
    void windows_stay_valid_while_the_area_grows() throws IOException {
        device.plane.create("a", units(2));
        Vsa area = device.open("a");
        device.fill(area, 0, 2L * UNIT, 5);
        MemorySegment window = area.view(0, 2L * UNIT);
        assertThat(device.plane.resize("a", 6L * UNIT).extents()).isEqualTo(1);
        assertThat(area.size()).isEqualTo(6L * UNIT);
        assertThat(Device.holds(window, 5)).isTrue();
        assertThat(device.holds(area, 2L * UNIT, 4L * UNIT, 0)).isTrue();
    }

    @Test
    void a_writer_excludes_writers_but_not_readers() throws IOException {
        device.plane.create("a", units(1));
        Vsa writer = device.open("a");
        refused(Reason.IN_USE, () -> device.open("a"), "\"a\"", "test", "Revoke");
        Vsa reader = device.plane.open("a", device.controller.createVsic("r", VsicOptions.DEFAULTS), Rights.READ_ONLY);
        assertThat(reader.rights()).isEqualTo(Rights.READ_ONLY);
        device.plane.revoke(writer);
        assertThat(writer.isRevoked()).isTrue();
        assertThat(device.open("a").isRevoked()).isFalse();
    }
}
