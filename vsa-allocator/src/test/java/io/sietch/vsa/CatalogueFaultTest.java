package io.sietch.vsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sietch.vsa.ControlPlaneException.Reason;
import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Damage to the catalogue: any one copy may go, and what cannot be opened is refused with a reason. */
class CatalogueFaultTest {
    private static final int UNITS = 8;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private LossyMedia media = new LossyMedia(1, 1);
    private Catalogue expected = Catalogue.empty(4096, 256);

    @BeforeEach
    void makeDevice() throws IOException {
        media = new LossyMedia(Device.REGION + (long) UNITS * Device.UNIT, Device.REGION + 2L * UNITS * Device.UNIT);
        ControlPlane.format(media, Device.UNIT);
        Device device = new Device(media, GrowthPolicy.NEVER);
        device.plane.create("log", AreaSpec.of(3L * Device.UNIT, Device.UNIT).withOwner("alice"));
        device.plane.create("other", AreaSpec.of(Device.UNIT, Device.UNIT));
        device.plane.quota("alice", 5L * Device.UNIT);
        expected = device.plane.catalogue();
        device.close();
    }

    private MemorySegment copy(int copy) {
        return media.bytes().asSlice(CatalogueFormat.copyOffset(copy), CatalogueFormat.COPY_BYTES);
    }

    private void opensAsExpected() throws IOException {
        Device device = new Device(media, GrowthPolicy.NEVER);
        assertThat(device.plane.catalogue()).isEqualTo(expected);
        device.close();
        for (int copy = 0; copy < CatalogueFormat.COPIES; copy++) {
            assertThat(CatalogueFormat.decode(copy(copy), copy))
                    .as("copy %d after recovery", copy)
                    .isInstanceOfSatisfying(
                            CatalogueCopy.Valid.class,
                            valid -> assertThat(valid.catalogue()).isEqualTo(expected));
        }
    }

    private ControlPlaneException refusal(Reason reason) {
        StorageController controller = new StorageController(media, ControllerOptions.inline(() -> 0));
        var thrown = assertThatExceptionOfType(ControlPlaneException.class)
                .isThrownBy(() -> ControlPlane.open(controller, Waiter.BUSY, GrowthPolicy.NEVER))
                .actual();
        assertThat(thrown.reason()).as(thrown.getMessage()).isEqualTo(reason);
        return thrown;
    }

    // ---- one copy -----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void any_one_copy_may_be_zeroed(int lost) throws IOException {
        copy(lost).fill((byte) 0);
        opensAsExpected();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void any_one_copy_may_be_garbage(int lost) throws IOException {
        byte[] garbage = new byte[CatalogueFormat.COPY_BYTES];
        new Random(lost).nextBytes(garbage);
        copy(lost).copyFrom(MemorySegment.ofArray(garbage));
        opensAsExpected();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void any_one_copy_may_be_unreadable_for_ever_but_then_it_is_rewritten(int lost) throws IOException {
        long from = CatalogueFormat.copyOffset(lost);
        media.unreadable(from, from + 512);
        opensAsExpected();
    }

    @ParameterizedTest
    @CsvSource({"0,1", "1,2", "2,3", "3,0"})
    void a_copy_written_over_another_is_found_out(int from, int to) throws IOException {
        copy(to).copyFrom(copy(from));
        opensAsExpected();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void one_intact_copy_is_enough(int left) throws IOException {
        for (int copy = 0; copy < CatalogueFormat.COPIES; copy++) {
            if (copy != left) {
                copy(copy).asSlice(100, 50).fill((byte) 0x55);
            }
        }
        opensAsExpected();
    }

    @Property(tries = 300)
    void any_flipped_bit_of_any_copy_is_made_good(
            @ForAll @IntRange(max = 3) int copy, @ForAll @IntRange(max = 8 * 4096 - 1) int bit) throws IOException {
        makeDevice();
        MemorySegment bytes = copy(copy);
        byte before = bytes.get(ValueLayout.JAVA_BYTE, bit / 8);
        bytes.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (before ^ 1 << bit % 8));
        opensAsExpected();
    }

    @Test
    void with_two_copies_left_recovery_may_crash_anywhere_and_another_copy_be_lost() throws IOException {
        LossyMedia whole = media;
        for (int damaged = 0; damaged < 1 << CatalogueFormat.COPIES; damaged++) {
            for (int crash = 1; Integer.bitCount(damaged) <= 2 && crash <= 9; crash++) {
                for (int lost = 0; lost < CatalogueFormat.COPIES; lost++) {
                    Random random = new Random(damaged * 1000L + crash * 10 + lost);
                    media = whole.afterPowerLoss(random);
                    for (int copy = 0; copy < CatalogueFormat.COPIES; copy++) {
                        if ((damaged >> copy & 1) == 1) {
                            media.damage(CatalogueFormat.copyOffset(copy), CatalogueFormat.COPY_BYTES);
                        }
                    }
                    crashInRecovery(crash, random);
                    media.damage(CatalogueFormat.copyOffset(lost), CatalogueFormat.COPY_BYTES);
                    opensAsExpected();
                }
            }
        }
    }

    private void crashInRecovery(int crash, Random random) {
        media.powerFailsAfter(crash);
        try {
            new Device(media, GrowthPolicy.NEVER).close();
        } catch (IOException e) {
            assertThat(media.isOff()).as("recovery failed: %s", e).isTrue();
        }
        media = media.afterPowerLoss(random);
    }

    // ---- versions of the catalogue ------------------------------------------------------------------------------

    @Test
    void the_newest_copy_wins_wherever_it_is() throws IOException {
        for (int newest = 0; newest < CatalogueFormat.COPIES; newest++) {
            makeDevice();
            Catalogue next = expected.without("other");
            copy(newest).fill((byte) 0);
            CatalogueFormat.encode(next, 100, newest, copy(newest));
            expected = next;
            opensAsExpected();
        }
    }

    @Test
    void two_catalogues_of_one_sequence_are_refused() {
        long sequence = copy(3).get(LONG, CatalogueFormat.SEQUENCE_OFFSET);
        copy(3).fill((byte) 0);
        CatalogueFormat.encode(expected.without("other"), sequence, 3, copy(3));
        assertThat(refusal(Reason.CATALOGUE_DAMAGED))
                .hasMessageContaining("copies 0 and 3")
                .hasMessageContaining("sequence " + sequence)
                .hasMessageContaining("backup");
    }

    @Test
    void an_unknown_version_is_refused_with_both_named_and_nothing_written() {
        MemorySegment bytes = copy(2);
        bytes.set(INT, CatalogueFormat.VERSION_OFFSET, 7);
        CRC32C crc = new CRC32C();
        crc.update(bytes.asSlice(0, CatalogueFormat.PROLOGUE_CRC_OFFSET).asByteBuffer());
        bytes.set(INT, CatalogueFormat.PROLOGUE_CRC_OFFSET, (int) crc.getValue());
        byte[] before = media.bytes().toArray(ValueLayout.JAVA_BYTE);
        assertThat(refusal(Reason.UNKNOWN_VERSION))
                .hasMessageContaining("version 7")
                .hasMessageContaining("version 1");
        assertThat(media.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(before);
    }

    // ---- no device ----------------------------------------------------------------------------------------------

    @Test
    void a_medium_without_any_catalogue_is_not_a_device() {
        media.bytes().fill((byte) 'x');
        assertThat(refusal(Reason.NOT_A_DEVICE)).hasMessageContaining("not a Sietch device");
    }

    @Test
    void four_damaged_copies_are_refused_each_with_its_damage_and_nothing_written() {
        for (int copy = 0; copy < CatalogueFormat.COPIES; copy++) {
            copy(copy).set(ValueLayout.JAVA_BYTE, 90, (byte) 0xEE);
        }
        copy(1).fill((byte) 0);
        byte[] before = media.bytes().toArray(ValueLayout.JAVA_BYTE);
        assertThat(refusal(Reason.CATALOGUE_DAMAGED))
                .hasMessageContaining("copy 0: checksum")
                .hasMessageContaining("copy 1: no magic number")
                .hasMessageContaining("copy 3: checksum")
                .hasMessageContaining("backup");
        assertThat(media.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(before);
    }

    @Test
    void a_truncated_device_is_refused_with_both_sizes() throws IOException {
        LossyMedia shorter = new LossyMedia(media.size() - Device.UNIT, media.size());
        shorter.bytes().copyFrom(media.bytes().asSlice(0, media.size()));
        media = shorter;
        assertThat(refusal(Reason.DEVICE_TRUNCATED))
                .hasMessageContaining(String.valueOf(media.size()))
                .hasMessageContaining(String.valueOf(media.size() + Device.UNIT))
                .hasMessageContaining("backup");
    }

    @Test
    void a_medium_shorter_than_the_catalogue_is_refused() throws IOException {
        media = new LossyMedia(Device.REGION - 4096, Device.REGION);
        assertThat(refusal(Reason.NOT_A_DEVICE)).hasMessageContaining(String.valueOf(Device.REGION - 4096));
    }

    // ---- failing writes -----------------------------------------------------------------------------------------

    @Test
    void after_a_failed_commit_changes_are_refused_until_the_device_is_opened_again() throws IOException {
        Device device = new Device(media, GrowthPolicy.NEVER);
        media.powerFailsAfter(3);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> device.plane.delete("other"));
        assertThat(device.plane.find("other")).as("as it was before").isPresent();
        for (var change : new org.assertj.core.api.ThrowableAssert.ThrowingCallable[] {
            () -> device.plane.delete("log"),
            () -> device.plane.create("new", AreaSpec.of(Device.UNIT, Device.UNIT)),
            () -> device.plane.resize("log", Device.UNIT),
            () -> device.plane.rename("log", "gol"),
            () -> device.plane.quota("alice", 1),
            () -> device.plane.limit("log", io.sietch.vsic.RateLimit.NONE),
            () -> device.plane.adoptGrowth(),
            () -> device.open("log"),
        }) {
            assertThatExceptionOfType(ControlPlaneException.class)
                    .isThrownBy(change)
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.FAILED))
                    .withMessageContaining("open it again");
        }
        LossyMedia found = media.afterPowerLoss(new Random(1));
        Device reopened = new Device(found, GrowthPolicy.NEVER);
        assertThat(reopened.plane.catalogue().areas()).containsKey("log");
    }

    @Test
    void a_failed_zeroing_changes_nothing() throws IOException {
        Device device = new Device(media, GrowthPolicy.NEVER);
        device.plane.delete("log");
        Catalogue before = device.plane.catalogue();
        long free = device.plane.freeBytes();
        media.failWrites(true);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> device.plane.create("new", AreaSpec.of(Device.UNIT, Device.UNIT)))
                .withMessageContaining("WRITE_FAULT");
        media.failWrites(false);
        media.failFlushes(true);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> device.plane.create("new", AreaSpec.of(Device.UNIT, Device.UNIT)))
                .withMessageContaining("WRITE_FAULT");
        media.failFlushes(false);
        assertThat(device.plane.catalogue()).isEqualTo(before);
        assertThat(device.plane.freeBytes()).isEqualTo(free);
        device.plane.create("new", AreaSpec.of(Device.UNIT, Device.UNIT));
    }

    @Test
    void a_failed_flush_of_the_catalogue_is_final_although_the_next_one_would_succeed() throws IOException {
        Device device = new Device(media, GrowthPolicy.NEVER);
        media.failFlushes(true);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> device.plane.rename("log", "gol"));
        media.failFlushes(false);
        assertThatExceptionOfType(ControlPlaneException.class)
                .isThrownBy(() -> device.plane.rename("log", "gol"))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.FAILED));
        assertThat(device.plane.find("log")).isPresent();
    }
}
