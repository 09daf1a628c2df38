package io.sietch.vnic.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What people are told when the system refuses. */
class ErrnoTest {
    @Test
    void aResultIsPassedOnAndAnErrorIsTold() throws IOException {
        assertThat(Errno.check(7, "do it", "")).isEqualTo(7);
        assertThatThrownBy(() -> Errno.check(-Errno.EPERM, "do it", "try harder"))
                .hasMessage("cannot do it: not permitted (error 1); try harder");
        assertThatThrownBy(() -> Errno.check(-99, "do it", "")).hasMessage("cannot do it: see errno(3) (error 99)");
    }

    @Test
    void theRemedyNamesCapabilityAndInterface() {
        assertThat(TapWire.remedy(-Errno.EPERM, "siet0")).contains("CAP_NET_ADMIN", "ip tuntap add", "siet0");
        assertThat(TapWire.remedy(-Errno.EACCES, "siet0")).contains("CAP_NET_ADMIN", "/dev/net/tun");
        assertThat(TapWire.remedy(-Errno.ENOENT, "siet0")).contains("modprobe tun");
        assertThat(TapWire.remedy(0, "siet0")).isEmpty();
    }
}
