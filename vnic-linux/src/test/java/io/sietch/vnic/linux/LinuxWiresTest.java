package io.sietch.vnic.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a wire leads, as people write it. */
class LinuxWiresTest {
    @Test
    void aUrlSaysNameAddressesAndNetwork() {
        assertThat(LinuxWires.parse("tap://siet0?ip=10.83.7.2/24&host=10.83.7.1&mac=02:00:00:AB:cd:ef"))
                .isEqualTo(new LinuxWires.Place(
                        "siet0", 0x0A53_0702, 24, 0x0A53_0701, 0x0200_00AB_CDEFL, -1, false, null));
        assertThat(LinuxWires.parse("tap://siet0?ip=10.83.7.2"))
                .isEqualTo(new LinuxWires.Place("siet0", 0x0A53_0702, 32, 0, 0x0253_4953_0702L, -1, false, null));
        assertThat(LinuxWires.parse("xdp://eth0?ip=10.83.7.2/24"))
                .isEqualTo(new LinuxWires.Place("eth0", 0x0A53_0702, 24, 0, 0x0253_4953_0702L, 0, false, null));
        assertThat(LinuxWires.parse("tap://siet0?ip=10.83.7.2&netns=clients-2.b")
                        .namespace())
                .isEqualTo("clients-2.b");
        LinuxWires.Place second = LinuxWires.parse("xdp://eth0?ip=10.83.7.2&queue=1&mode=zero-copy");
        assertThat(second.queue()).isOne();
        assertThat(second.zeroCopy()).isTrue();
        assertThat(LinuxWires.knows("tap://x")).isTrue();
        assertThat(LinuxWires.knows("xdp://x")).isTrue();
        assertThat(LinuxWires.knows("vnicd:///x")).isTrue();
        assertThat(LinuxWires.knows("tcp://127.0.0.1:1")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tap://",
                "tap://?ip=10.0.0.1",
                "tap://siet0",
                "tap://siet0?",
                "tap://siet0?ip=",
                "tap://siet0?ip=10.0.0",
                "tap://siet0?ip=127.0.0.1",
                "tap://siet0?ip=10.0.0.2/0",
                "tap://siet0?ip=10.0.0.2/33",
                "tap://siet0?ip=10.0.0.2/x",
                "tap://siet0/x?ip=10.0.0.2",
                "tap://si%25d?ip=10.0.0.2",
                "tap://sixteen-bytes-it?ip=10.0.0.2",
                "tap://siet0?ip=10.0.0.2&ip=10.0.0.3",
                "tap://siet0?ip=10.0.0.2&queue=1",
                "tap://siet0?ip=10.0.0.2/24&host=10.0.1.1",
                "tap://siet0?ip=10.0.0.2&host=10.0.0.1",
                "tap://siet0?ip=10.0.0.2/24&host=10.0.0.2",
                "tap://siet0?ip=10.0.0.2&mac=",
                "tap://siet0?ip=10.0.0.2&mac=01:00:00:00:00:01",
                "tap://siet0?ip=10.0.0.2&mac=00:00:00:00:00:00",
                "tap://siet0?ip=10.0.0.2 ",
                "tap://siet0?ip=10.0.0.2&netns=",
                "tap://siet0?ip=10.0.0.2&netns=..",
                "tap://siet0?ip=10.0.0.2&netns=a/b",
                "xdp://",
                "xdp://eth0",
                "xdp://eth0?ip=10.0.0.2&netns=a",
                "xdp://eth0?ip=10.0.0.2/24&host=10.0.0.1",
                "xdp://eth0?ip=10.0.0.2&mac=02:00:00:00:00:01",
                "xdp://eth0?ip=10.0.0.2&queue=",
                "xdp://eth0?ip=10.0.0.2&queue=-1",
                "xdp://eth0?ip=10.0.0.2&queue=4096",
                "xdp://eth0?ip=10.0.0.2&mode=fast",
            })
    void aUrlThatSaysNothingUsefulIsRefusedByName(String url) {
        assertThatThrownBy(() -> LinuxWires.check(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(url + ": must be " + url.substring(0, 3) + "://NAME?ip=A.B.C.D/BITS");
    }

    @Test
    void aDoorIsAPathAndNothingElse() {
        LinuxWires.check("vnicd:///run/vnicd/web");
        for (String url :
                new String[] {"vnicd://", "vnicd:///", "vnicd://host/x", "vnicd:///x?ip=10.0.0.1", "vnicd:///%"}) {
            assertThatThrownBy(() -> LinuxWires.check(url))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(url + ": must be vnicd:///PATH of a door at which a network card can be had");
        }
        assertThatThrownBy(() -> LinuxWires.open("vnicd:///no/such/door"))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot connect to /no/such/door: no such file (error 2); is the process that hands it out"
                        + " running?");
    }
}
