package io.sietch.vsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sietch.vsa.ControlPlaneException.Reason;
import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.ParkWaiter;
import io.sietch.vsic.RamMedia;
import io.sietch.vsic.RateLimit;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.VsicOptions;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.TreeMap;
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
    void closeDevice() throws IOException {
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

    @Test
    void areas_are_resized_while_they_are_open() throws IOException {
        device.plane.create("a", units(4));
        Vsa area = device.open("a");
        device.fill(area, 0, 4L * UNIT, 3);
        AreaInfo smaller = device.plane.resize("a", 2L * UNIT);
        assertThat(smaller.size()).isEqualTo(2L * UNIT);
        assertThat(area.size()).isEqualTo(2L * UNIT);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> device.fill(area, 2L * UNIT, UNIT, 9))
                .withMessageContaining("LBA_OUT_OF_RANGE");
        assertThat(device.plane.resize("a", 2L * UNIT)).isEqualTo(smaller);
        device.plane.resize("a", 3L * UNIT);
        assertThat(device.holds(area, 0, 2L * UNIT, 3)).isTrue();
        assertThat(device.holds(area, 2L * UNIT, UNIT, 0))
                .as("not what was there before")
                .isTrue();
    }

    @Test
    void an_area_may_lie_in_several_pieces_and_is_one_to_its_owner() throws IOException {
        for (String name : new String[] {"a", "b", "c", "d"}) {
            device.plane.create(name, units(4));
        }
        device.plane.delete("a");
        device.plane.delete("c");
        assertThat(device.plane.create("e", units(8)).extents()).isEqualTo(2);
        Vsa area = device.open("e");
        device.fill(area, 2L * UNIT, 4L * UNIT, 8);
        device.flush(area);
        device = device.reopen();
        Vsa again = device.open("e");
        assertThat(device.holds(again, 0, 2L * UNIT, 0)).isTrue();
        assertThat(device.holds(again, 2L * UNIT, 4L * UNIT, 8)).isTrue();
        assertThat(device.holds(again, 6L * UNIT, 2L * UNIT, 0)).isTrue();
        assertThat(device.holds(device.open("b"), 0, 4L * UNIT, 0)).isTrue();
    }

    @Test
    void renaming_keeps_id_handle_and_bytes() throws IOException {
        AreaInfo made = device.plane.create("a", units(1));
        Vsa area = device.open("a");
        device.fill(area, 0, UNIT, 4);
        device.plane.rename("a", "z");
        assertThat(device.plane.find("a")).isEmpty();
        assertThat(device.plane.find("z").orElseThrow().id()).isEqualTo(made.id());
        assertThat(device.holds(area, 0, UNIT, 4)).isTrue();
    }

    @Test
    void deleting_takes_the_area_away_from_all_who_have_it() throws IOException {
        device.plane.create("a", units(4));
        Vsa writer = device.open("a");
        Vsa reader = device.plane.open("a", device.vsic, Rights.READ_ONLY);
        device.plane.delete("a");
        assertThat(writer.isRevoked()).isTrue();
        assertThat(reader.isRevoked()).isTrue();
        assertThat(device.plane.freeBytes()).isEqualTo((long) UNITS * UNIT);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> device.fill(writer, 0, UNIT, 1))
                .withMessageContaining("INVALID_NAMESPACE");
    }

    @Test
    void ids_are_never_used_again() throws IOException {
        assertThat(device.plane.create("a", units(1)).id()).isEqualTo(1);
        device.plane.delete("a");
        device = device.reopen();
        assertThat(device.plane.create("a", units(1)).id()).isEqualTo(2);
    }

    @Test
    void used_space_is_zeroed_before_somebody_else_has_it_and_fresh_space_is_not_written() throws IOException {
        LossyMedia media = new LossyMedia(Device.REGION + (long) UNITS * UNIT, Device.REGION + (long) UNITS * UNIT);
        ControlPlane.format(media, UNIT);
        device.close();
        device = new Device(media, GrowthPolicy.NEVER);
        device.plane.create("a", units(4));
        Vsa area = device.open("a");
        device.fill(area, 0, 4L * UNIT, 0xEE);
        device.plane.delete("a");
        long before = media.bytesWritten();
        device.plane.create("b", units(6));
        assertThat(media.bytesWritten() - before)
                .as("four units, and four copies of a block")
                .isEqualTo(8L * 4096);
        assertThat(device.holds(device.open("b"), 0, 6L * UNIT, 0)).isTrue();
        before = media.bytesWritten();
        device.plane.create("c", units(6));
        assertThat(media.bytesWritten() - before).as("nobody ever had these").isEqualTo(4L * 4096);
    }

    // ---- refusals -----------------------------------------------------------------------------------------------

    @Test
    void more_than_is_free_is_refused_with_the_numbers() throws IOException {
        device.plane.create("a", units(10));
        refused(
                Reason.NO_SPACE,
                () -> device.plane.create("b", units(7)),
                "\"b\"",
                "needs " + 7 * UNIT,
                6 * UNIT + " of " + UNITS * UNIT,
                "never",
                "Delete or shrink");
        refused(Reason.NO_SPACE, () -> device.plane.resize("a", 17L * UNIT), "needs " + 7 * UNIT);
        refused(Reason.NO_SPACE, () -> device.plane.create("b", AreaSpec.of(8L * UNIT, 8L * UNIT)), "pieces of");
        refused(
                Reason.NO_SPACE,
                () -> device.plane.create("b", AreaSpec.of(Long.MAX_VALUE / UNIT * UNIT, UNIT)),
                "needs 92233");
        assertThat(device.plane.create("b", units(6)).size()).isEqualTo(6L * UNIT);
        assertThat(device.plane.freeBytes()).isZero();
    }

    @Test
    void a_quota_is_for_all_areas_of_an_owner() throws IOException {
        device.plane.quota("alice", 6L * UNIT);
        device.plane.create("a", units(4).withOwner("alice"));
        device = device.reopen();
        assertThat(device.plane.quota("alice")).isEqualTo(6L * UNIT);
        refused(
                Reason.QUOTA_EXCEEDED,
                () -> device.plane.create("b", units(3).withOwner("alice")),
                "\"alice\"",
                4 * UNIT + " bytes of a quota of " + 6 * UNIT,
                "wants " + 3 * UNIT);
        refused(Reason.QUOTA_EXCEEDED, () -> device.plane.resize("a", 7L * UNIT), "wants " + 3 * UNIT);
        device.plane.create("b", units(7).withOwner("bob"));
        device.plane.create("c", units(2).withOwner("alice"));
        device.plane.quota("alice", 1);
        assertThat(device.plane.find("a")).as("what one has stays").isPresent();
        refused(Reason.QUOTA_EXCEEDED, () -> device.plane.resize("a", 5L * UNIT), "quota of 1,");
        device.plane.resize("a", UNIT);
        device.plane.quota("alice", ControlPlane.NO_QUOTA);
        assertThat(device.plane.quota("alice")).isEqualTo(ControlPlane.NO_QUOTA);
        device.plane.resize("a", 5L * UNIT);
    }

    @Test
    void the_catalogue_is_full_when_its_copies_are() throws IOException {
        int units = 5000;
        RamMedia media = Device.blank(units, units);
        Catalogue catalogue = Catalogue.empty(UNIT, Catalogue.reservedUnits(UNIT) + units);
        TreeMap<String, Area> areas = new TreeMap<>();
        int most = (CatalogueFormat.COPY_BYTES - CatalogueFormat.HEADER_BYTES) / (48 + 8 + 16);
        for (int i = 0; i < most; i++) {
            String name = "area %04d".formatted(i);
            Run run = new Run(catalogue.reservedUnits() + i, 1);
            areas.put(name, new Area(i + 1, name, "alice", 1, RateLimit.NONE, List.of(run)));
        }
        int mark = catalogue.reservedUnits() + most;
        CatalogueStore.format(media, new Catalogue(UNIT, catalogue.units(), mark, most + 1, areas, catalogue.quotas()));
        device.close();
        device = new Device(media, GrowthPolicy.NEVER);
        assertThat(device.plane.list()).hasSize(most).hasSizeGreaterThan(3000);
        refused(
                Reason.CATALOGUE_FULL,
                () -> device.plane.create("one more", units(1)),
                most + 1 + " areas",
                "262144",
                "Delete areas");
        refused(Reason.CATALOGUE_FULL, () -> device.plane.rename("area 0000", "z".repeat(255)), "262144");
        refused(Reason.CATALOGUE_FULL, () -> device.plane.quota("o".repeat(255), 1), "262144");
        assertThat(device.plane.freeBytes()).isEqualTo((long) (units - most) * UNIT);
        device.plane.delete("area 0007");
        assertThat(device.plane.create("fits", units(1)).id()).isEqualTo(most + 1);
        device = device.reopen();
        assertThat(device.plane.list()).hasSize(most);
    }

    @Test
    void malformed_arguments_are_the_callers_mistake() throws IOException {
        device.plane.create("a", AreaSpec.of(4L * UNIT, 2L * UNIT));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> device.plane.create("b", AreaSpec.of(UNIT + 512L, UNIT + 512L)))
                .withMessageContaining(String.valueOf(UNIT + 512));
        assertThatIllegalArgumentException().isThrownBy(() -> AreaSpec.of(3L * UNIT, 2L * UNIT));
        assertThatIllegalArgumentException().isThrownBy(() -> AreaSpec.of(0, UNIT));
        assertThatIllegalArgumentException().isThrownBy(() -> AreaSpec.of(UNIT, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> units(1).withOwner(""));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> device.plane.resize("a", 3L * UNIT))
                .withMessageContaining("granule of " + 2 * UNIT);
        assertThatIllegalArgumentException().isThrownBy(() -> device.plane.resize("a", 0));
        assertThatIllegalArgumentException().isThrownBy(() -> device.plane.resize("a", -2L * UNIT));
        assertThatIllegalArgumentException().isThrownBy(() -> device.plane.create("", units(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> device.plane.create("a\nb", units(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> device.plane.create("\uD800", units(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> device.plane.create("ä".repeat(128), units(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> device.plane.rename("a", ""));
        assertThatIllegalArgumentException().isThrownBy(() -> device.plane.quota("alice", -1));
        assertThatIllegalArgumentException().isThrownBy(() -> new GrowthPolicy(-1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new GrowthPolicy(1, 0));
        assertThat(device.plane.create("ä".repeat(127), units(1)).name()).hasSize(127);
    }

    @Test
    void a_device_is_formatted_only_where_it_fits() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ControlPlane.format(Device.blank(0, 1), UNIT))
                .withMessageContaining(String.valueOf(ControlPlane.minimumBytes(UNIT)));
        for (int unit : new int[] {0, 512, 2048, 5000, 512 * 1024}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ControlPlane.format(Device.blank(500, 500), unit))
                    .withMessageContaining("units of " + unit);
        }
        ControlPlane.format(Device.blank(1, 1), UNIT);
        assertThat(ControlPlane.minimumBytes(UNIT)).isEqualTo(Device.REGION + (long) UNIT);
    }

    // ---- limits -------------------------------------------------------------------------------------------------

    @Test
    void the_strictest_limit_of_its_areas_is_the_vsics() throws IOException {
        device.plane.create("free", units(1));
        device.plane.create("slow", units(1).withLimit(RateLimit.of(4096, 0)));
        device.plane.create("rare", units(1).withLimit(RateLimit.of(0, 1)));
        Vsa free = device.open("free");
        assertThat(throttled(free)).isFalse();
        Vsa slow = device.open("slow");
        assertThat(throttled(free)).as("the VSIC is limited, not the area").isTrue();
        device.plane.revoke(slow);
        assertThat(throttled(free)).isFalse();
        device.plane.limit("free", RateLimit.of(4096, 0));
        assertThat(throttled(free)).isTrue();
        device.plane.limit("free", RateLimit.NONE);
        assertThat(throttled(free)).isFalse();
        device.open("rare");
        assertThat(throttled(free)).isTrue();
        device.plane.delete("rare");
        assertThat(throttled(free)).isFalse();
        device.plane.limit("slow", RateLimit.of(8192, 4));
        device = device.reopen();
        assertThat(device.plane.find("slow").orElseThrow().limit()).isEqualTo(RateLimit.of(8192, 4));
    }

    /** Whether a second's worth of writes is held back. The clock stands still, so the test lets it run afterwards. */
    private boolean throttled(Vsa area) throws IOException {
        long before = device.vsic.counters().throttled();
        for (int i = 0; i < 3; i++) {
            device.fill(area, 0, UNIT, 1);
        }
        return device.vsic.counters().throttled() > before;
    }

    @Test
    void the_control_plane_waits_for_a_flusher_thread() throws IOException {
        Waiter waiter = new ParkWaiter();
        StorageController controller = new StorageController(
                device.media,
                ControllerOptions.DEFAULTS
                        .withFlushing(ControllerOptions.Flushing.THREAD)
                        .withWaiter(waiter));
        ControlPlane plane = ControlPlane.open(controller, waiter, GrowthPolicy.NEVER);
        plane.create("a", units(3));
        assertThat(plane.resize("a", 5L * UNIT).size()).isEqualTo(5L * UNIT);
        plane.delete("a");
        assertThat(plane.freeBytes()).isEqualTo((long) UNITS * UNIT);
        controller.close();
    }
}
