package io.sietch.vsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sietch.vsa.ControlPlaneException.Reason;
import io.sietch.vsic.MappedFileMedia;
import io.sietch.vsic.MappedFileOptions;
import io.sietch.vsic.RamMedia;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.WritePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowthTest {
    private static final int UNIT = Device.UNIT;

    private static AreaSpec units(int units) {
        return AreaSpec.of((long) units * UNIT, UNIT);
    }

    private static long bytes(int units) {
        return Device.REGION + (long) units * UNIT;
    }

    @Test
    void a_policy_rounds_up_to_steps_but_not_beyond_its_maximum() {
        GrowthPolicy policy = new GrowthPolicy(1000, 300);
        assertThat(policy.sizeFor(1)).isEqualTo(300);
        assertThat(policy.sizeFor(300)).isEqualTo(300);
        assertThat(policy.sizeFor(301)).isEqualTo(600);
        assertThat(policy.sizeFor(901)).isEqualTo(1000);
        assertThat(policy.sizeFor(2000)).isEqualTo(1000);
        assertThat(new GrowthPolicy(Long.MAX_VALUE, Long.MAX_VALUE).sizeFor(5)).isEqualTo(Long.MAX_VALUE);
        assertThat(GrowthPolicy.NEVER.sizeFor(1)).isZero();
        assertThat(GrowthPolicy.upTo(5).toString()).isEqualTo("up to 5 bytes in steps of 67108864");
    }

    @Test
    void the_device_grows_in_steps_as_areas_need_it() throws IOException {
        RamMedia media = Device.formatted(4, 100);
        Device device = new Device(media, new GrowthPolicy(bytes(20), 8L * UNIT));
        device.plane.create("a", units(3));
        assertThat(media.size()).isEqualTo(bytes(4));
        device.plane.create("b", units(3));
        assertThat(media.size())
                .as("272 units of the region and the areas, in steps of 8")
                .isEqualTo(bytes(8));
        assertThat(device.plane.totalBytes()).isEqualTo(8L * UNIT);
        device.plane.resize("b", 13L * UNIT);
        assertThat(device.plane.find("b").orElseThrow().extents())
                .as("grown in place")
                .isEqualTo(1);
        assertThat(media.size()).isEqualTo(bytes(16));
        assertThatExceptionOfType(ControlPlaneException.class)
                .isThrownBy(() -> device.plane.resize("b", 18L * UNIT))
                .withMessageContaining("grow from " + bytes(16) + " to " + bytes(21))
                .withMessageContaining("up to " + bytes(20))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NO_SPACE));
        device.plane.resize("b", 17L * UNIT);
        assertThat(media.size()).isEqualTo(bytes(20));
        assertThat(device.plane.freeBytes()).isZero();
        assertThat(device.reopen().plane.totalBytes()).isEqualTo(20L * UNIT);
    }

    @Test
    void a_medium_that_cannot_grow_leaves_everything_as_it_was() throws IOException {
        Device device = new Device(Device.formatted(4, 6), GrowthPolicy.upTo(bytes(50)));
        assertThatExceptionOfType(ControlPlaneException.class)
                .isThrownBy(() -> device.plane.create("a", units(7)))
                .withMessageContaining("needs " + 7 * UNIT + " bytes more, and " + 4 * UNIT + " of " + 4 * UNIT)
                .withMessageContaining("no room")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NO_SPACE));
        assertThat(device.plane.freeBytes()).isEqualTo(4L * UNIT);
        assertThat(device.plane.create("a", units(4)).size()).isEqualTo(4L * UNIT);
    }

    @Test
    void growth_made_elsewhere_is_taken_into_use_when_told_or_when_needed() throws IOException {
        RamMedia media = Device.formatted(4, 100);
        Device device = new Device(media, GrowthPolicy.NEVER);
        device.plane.adoptGrowth();
        assertThat(device.plane.totalBytes()).isEqualTo(4L * UNIT);
        media.grow(bytes(10));
        assertThat(device.plane.totalBytes()).isEqualTo(4L * UNIT);
        device.plane.adoptGrowth();
        assertThat(device.plane.totalBytes()).isEqualTo(10L * UNIT);
        media.grow(bytes(12));
        device.plane.create("a", units(12));
        device = device.reopen();
        assertThat(device.plane.totalBytes()).isEqualTo(12L * UNIT);
        assertThat(device.holds(device.open("a"), 0, 12L * UNIT, 0)).isTrue();
    }

    @Test
    void what_a_crash_left_of_a_growth_is_zeroed_before_use() throws IOException {
        LossyMedia media = new LossyMedia(bytes(9), bytes(20));
        LossyMedia small = new LossyMedia(bytes(4), bytes(4));
        ControlPlane.format(small, UNIT);
        media.bytes().asSlice(0, bytes(4)).copyFrom(small.bytes());
        media.bytes().asSlice(bytes(4), 5L * UNIT).fill((byte) 0xBA);
        Device device = new Device(media, GrowthPolicy.NEVER);
        assertThat(device.plane.totalBytes()).as("not published").isEqualTo(4L * UNIT);
        media.grow(bytes(11));
        long before = media.bytesWritten();
        device.plane.create("a", units(11));
        assertThat(media.bytesWritten() - before).as("5 units, 2 commits").isEqualTo((5 + 2 * 4) * 4096L);
        assertThat(device.holds(device.open("a"), 0, 11L * UNIT, 0)).isTrue();
    }

    @Test
    void a_device_file_is_made_grown_and_opened_again(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("device");
        MappedFileOptions options = MappedFileOptions.DEFAULTS.withWritePath(WritePath.CHANNEL);
        MappedFileMedia media =
                MappedFileMedia.create(file, bytes(16), options, made -> ControlPlane.format(made, UNIT));
        Device device = new Device(media, GrowthPolicy.upTo(bytes(64)));
        device.plane.create("a", units(12));
        Vsa area = device.open("a");
        device.fill(area, 0, 12L * UNIT, 6);
        device.flush(area);
        device.plane.resize("a", 30L * UNIT);
        assertThat(Files.size(file)).isEqualTo(bytes(64));
        device.close();

        device = new Device(MappedFileMedia.open(file, options), GrowthPolicy.NEVER);
        assertThat(device.holds(device.open("a"), 0, 12L * UNIT, 6)).isTrue();
        assertThat(device.holds(
                        device.plane.open("a", device.vsic, io.sietch.vsic.Rights.READ_ONLY),
                        12L * UNIT,
                        18L * UNIT,
                        0))
                .isTrue();
        device.close();
    }

    @Test
    void messages_name_the_file(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("device");
        MappedFileOptions options = MappedFileOptions.DEFAULTS.withWritePath(WritePath.CHANNEL);
        MappedFileMedia.create(file, bytes(16), options, made -> ControlPlane.format(made, UNIT))
                .close();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(bytes(12));
        }
        refused(file, options, Reason.DEVICE_TRUNCATED);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(Device.REGION), 0);
        }
        refused(file, options, Reason.NOT_A_DEVICE);
    }

    private static void refused(Path file, MappedFileOptions options, Reason reason) throws IOException {
        try (MappedFileMedia media = MappedFileMedia.open(file, options)) {
            assertThatExceptionOfType(ControlPlaneException.class)
                    .isThrownBy(() -> new Device(media, GrowthPolicy.NEVER))
                    .withMessageContaining(file.toString())
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
        }
    }
}
