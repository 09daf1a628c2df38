package io.sietch.vnic.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.vnic.FrameFilter;
import io.sietch.vnic.NetworkControl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "all",
                "arp",
                "ipv4 from 10.0.0.0/8",
                "udp from 10.0.0.1 to 10.0.0.2 from-port 1-2 to-port 53",
                "tcp from-mac 02:00:00:00:00:01 to-mac ff:ff:ff:ff:ff:ff",
                "icmp"
            })
    void whatIsWrittenIsRead(String text) {
        assertThat(FilterText.of(FilterText.parse(text))).isEqualTo(text);
    }

    @Test
    void theFiltersToBeginWithCanBeWritten() {
        for (FrameFilter filter : NetworkControl.honest(0x020000000001L, 0x0A000001)) {
            assertThat(FilterText.parse(FilterText.of(filter))).isEqualTo(filter);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "from", "from 10.0.0", "to 10.0.0.1/33", "to-port 70000", "to-port 2-1", "tpc", "to-mac 1"})
    void nonsenseIsRefusedWithTheSyntax(String text) {
        assertThatThrownBy(() -> FilterText.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("filter \"" + text + "\": must be words of: all");
    }
}
