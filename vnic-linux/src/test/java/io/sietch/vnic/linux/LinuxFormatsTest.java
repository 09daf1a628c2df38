package io.sietch.vnic.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The structures of the kernel, byte by byte, as C compilers for little-endian machines lay them out. */
class LinuxFormatsTest {
    private final MemorySegment memory = Arena.ofAuto().allocate(64, 8);

    @BeforeEach
    void onlyHere() {
        assumeTrue(
                ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "the golden bytes are of a little-endian machine");
        memory.fill((byte) 0xEE);
    }

    private String hex(int bytes) {
        return HexFormat.of().formatHex(memory.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void anInterfaceRequestIsANameAndAValue() {
        InterfaceRequestFormat.writeName(memory, "tap0");
        InterfaceRequestFormat.writeFlags(memory, 0x5002);
        assertThat(hex(20)).isEqualTo("74617030" + "00".repeat(12) + "0250" + "eeee");
        assertThat(InterfaceRequestFormat.flags(memory)).isEqualTo(0x5002);
        InterfaceRequestFormat.writeAddress(memory.asSlice(0, InterfaceRequestFormat.BYTES), 0x0A53_0701);
        assertThat(hex(41))
                .isEqualTo("74617030" + "00".repeat(12) + "0200" + "0000" + "0a530701" + "00".repeat(16) + "ee");
        memory.set(ValueLayout.JAVA_INT, 16, 65_521);
        assertThat(InterfaceRequestFormat.mtu(memory)).isEqualTo(65_521);
    }

    @Test
    void anInterfaceHasANameThatTheKernelTakes() {
        InterfaceRequestFormat.writeName(memory, "a-name.of_15byt");
        assertThat(hex(17))
                .isEqualTo(
                        HexFormat.of().formatHex("a-name.of_15byt".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                                + "00ee");
        for (String bad : new String[] {"", "sixteen-bytes-it", "a/b", "tap%d", "a b", ".", "..", "ü"}) {
            assertThatThrownBy(() -> InterfaceRequestFormat.writeName(memory, bad))
                    .hasMessageContaining("interface name \"" + bad + "\"");
        }
    }

    @Test
    void aFrameIsPrecededByWhatVirtioSaysOfIt() {
        VnetHeaderFormat.write(memory, 0);
        assertThat(hex(11)).isEqualTo("00".repeat(10) + "ee");
        assertThat(VnetHeaderFormat.isChecked(memory, 0)).isFalse();
        assertThat(VnetHeaderFormat.isRun(memory, 0)).isFalse();
        VnetHeaderFormat.write(memory, 0, 34, 50);
        assertThat(hex(11)).isEqualTo("01" + "00" + "0000" + "0000" + "2200" + "1000" + "ee");
        assertThat(VnetHeaderFormat.isChecked(memory, 0)).isTrue();
        memory.set(ValueLayout.JAVA_BYTE, VnetHeaderFormat.BYTES + 34 + 12, (byte) 0x80);
        VnetHeaderFormat.writeRun(memory, VnetHeaderFormat.BYTES, 34, 50, 1448);
        assertThat(hex(11)).isEqualTo("01" + "01" + "4200" + "a805" + "2200" + "1000" + "ee");
        VnetHeaderFormat.writeRun(memory, VnetHeaderFormat.BYTES, 34, 40, 64);
        assertThat(hex(11)).isEqualTo("01" + "05" + "2a00" + "4000" + "2200" + "0600" + "ee");
        memory.copyFrom(MemorySegment.ofArray(HexFormat.of().parseHex("02014200a80500000000")));
        assertThat(VnetHeaderFormat.isChecked(memory, 0)).isTrue();
        assertThat(VnetHeaderFormat.isRun(memory, 0)).isTrue();
    }

    @Test
    void aPacketSocketIsToldAnInterfaceAndNoProtocol() {
        LinkAddressFormat.write(memory, 17, 0x0506);
        assertThat(hex(21)).isEqualTo("1100" + "0000" + "06050000" + "00".repeat(12) + "ee");
    }

    @Test
    void runsOfDatagramsAreThereSinceLinux62() {
        assertThat(List.of("6.2.0", "6.2", "6.18.44-fc", "7.0.1", "10.1")).allMatch(RunSocket::takesDatagrams);
        assertThat(List.of("6.1.99", "5.15.0-1.el9", "6", "6.x", "", "unknown")).noneMatch(RunSocket::takesDatagrams);
    }

    @Test
    void whatNetlinkIsToldAboutInterfacesIsLaidOutAsTheKernelHasIt() {
        MemorySegment message = MemorySegment.ofArray(new long[LinkMessageFormat.BYTES / 8]);
        String about = "00000000" + "07000000" + "00000000" + "00000000";
        assertThat(hex(message, LinkMessageFormat.writeDelete(message, 7)))
                .isEqualTo("20000000" + "1100" + "0500" + "00000000" + "00000000" + about);
        assertThat(hex(message, LinkMessageFormat.writeProgram(message, 7, 5)))
                .isEqualTo("34000000" + "1300" + "0500" + "00000000" + "00000000" + about + "14002b80" + "08000100"
                        + "05000000" + "08000300" + "04000000");
        String queues = "08001f00" + "01000000" + "08002000" + "01000000";
        assertThat(hex(message, LinkMessageFormat.writeNewPair(message, "ab", "cde")))
                .isEqualTo("78000000" + "1000" + "0506" + "00000000" + "00000000" + "00".repeat(16) + "07000300"
                        + "61620000" + queues + "40001280" + "09000100" + "76657468" + "00000000" + "30000280"
                        + "2c000180" + "00".repeat(16) + "08000300" + "63646500" + queues);
        message.set(ValueLayout.JAVA_SHORT, 4, (short) 2);
        message.set(ValueLayout.JAVA_INT, 16, -17);
        assertThat(LinkMessageFormat.error(message)).isEqualTo(-Errno.EEXIST);
    }

    private static String hex(MemorySegment message, int bytes) {
        return HexFormat.of().formatHex(message.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
    }
}
