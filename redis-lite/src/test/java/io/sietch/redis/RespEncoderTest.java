package io.sietch.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vnic.CloseCause;
import io.sietch.vnic.Flow;
import io.sietch.vnic.FlowHandler;
import io.sietch.vnic.MemoryNetwork;
import io.sietch.vnic.NetworkOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RespEncoderTest {
    private static final FlowHandler NOTHING = new FlowHandler() {
        @Override
        public void opened(Flow flow) {}

        @Override
        public void received(Flow flow) {}

        @Override
        public void closed(Flow flow, CloseCause cause) {}
    };

    private final MemoryNetwork network =
            new MemoryNetwork(NOTHING, NetworkOptions.DEFAULTS.withFlowBytes(1000, 1 << 20));
    private final MemoryNetwork.Peer peer = network.connect();
    private final RespEncoder encoder = new RespEncoder();

    private String written(boolean resp3, Consumer<RespEncoder> replies) {
        network.poll(0);
        Flow flow = peer.flow();
        encoder.begin(flow, resp3);
        replies.accept(encoder);
        encoder.end();
        flow.flush(flow.committed());
        return peer.takeText();
    }

    @Test
    void everyKindOfReplyHasItsForm() {
        assertThat(written(false, RespEncoder::ok)).isEqualTo("+OK\r\n");
        assertThat(written(false, e -> e.simpleString("PONG"))).isEqualTo("+PONG\r\n");
        assertThat(written(false, e -> e.error("ERR a\r\nb"))).isEqualTo("-ERR a  b\r\n");
        assertThat(written(false, e -> e.bulk("h\u00e9"))).isEqualTo("$3\r\nh\u00c3\u00a9\r\n");
        assertThat(written(false, e -> e.bulk("abc".getBytes(ISO_8859_1), 1, 2)))
                .isEqualTo("$2\r\nbc\r\n");
        assertThat(written(false, e -> e.bulk(-12))).isEqualTo("$3\r\n-12\r\n");
        assertThat(written(false, RespEncoder::nullBulk)).isEqualTo("$-1\r\n");
        assertThat(written(false, RespEncoder::nullArray)).isEqualTo("*-1\r\n");
        assertThat(written(false, e -> e.arrayHeader(3))).isEqualTo("*3\r\n");
        assertThat(written(false, e -> e.mapHeader(3))).isEqualTo("*6\r\n");
        assertThat(written(true, RespEncoder::nullBulk)).isEqualTo("_\r\n");
        assertThat(written(true, RespEncoder::nullArray)).isEqualTo("_\r\n");
        assertThat(written(true, e -> e.mapHeader(3))).isEqualTo("%3\r\n");
    }

    @Test
    void lengthsAreWrittenInDecimal() {
        for (int length = 0; length <= 1200; length++) {
            String value = "v".repeat(length);
            assertThat(written(false, e -> e.bulk(value))).isEqualTo("$" + length + "\r\n" + value + "\r\n");
        }
    }

    @Property
    void numbersAreWrittenInDecimal(@ForAll long number) {
        assertThat(written(false, e -> e.integer(number))).isEqualTo(":" + number + "\r\n");
        String text = Long.toString(number);
        assertThat(written(false, e -> e.bulk(number))).isEqualTo("$" + text.length() + "\r\n" + text + "\r\n");
    }

    @Test
    void largeRepliesGrowTheFlowAndStayWhole() {
        MemorySegment value = Arena.ofAuto().allocate(300_000);
        value.fill((byte) 'x');
        String expected = ("$300000\r\n" + "x".repeat(300_000) + "\r\n").repeat(3) + "+OK\r\n";
        assertThat(written(false, e -> {
                    for (int i = 0; i < 3; i++) {
                        e.bulk(value, 0, 300_000);
                    }
                    e.ok();
                }))
                .isEqualTo(expected);
    }

    @Test
    void aReplyCanBeTakenBackWhereverItBegan() {
        String text = written(false, e -> {
            e.ok();
            long mark = e.position();
            e.bulk("x".repeat(100_000));
            e.rewind(mark);
            e.simpleString("short");
            mark = e.position();
            e.simpleString("not this");
            e.rewind(mark);
            e.integer(1);
        });
        assertThat(text).isEqualTo("+OK\r\n+short\r\n:1\r\n");
    }

    @Test
    void aFlowThatMayHoldNoMoreIsReported() {
        written(false, e -> {
            e.bulk("x".repeat(900_000));
            assertThat(e.overflowed()).isFalse();
            e.bulk("y".repeat(900_000));
            e.ok();
            assertThat(e.overflowed()).isTrue();
        });
        assertThat(encoder.overflowed()).isTrue();
    }
}
