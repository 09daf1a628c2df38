package io.sietch.persistent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code that the README shows. */
class ReadmeExamplesTest {
    @TempDir
    Path data;

    @Test
    void fiveLinesFromNothingToADurableAppend() throws IOException {
        // README begin: append
        try (Sietch sietch = Sietch.open(data)) {
            PersistentLog log = sietch.log("orders");
            long position = log.appendAndWait("one flat white".getBytes(UTF_8)); // returns when it is durable
            System.out.println("durable at " + position);
        }
        // README end

        // README begin: read
        try (Sietch sietch = Sietch.open(data);
                LogCursor orders = sietch.log("orders").cursor(0)) {
            while (orders.next()) {
                String order = new String(
                        orders.segment()
                                .asSlice(orders.offset(), orders.length())
                                .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE),
                        UTF_8);
                assertThat(order).isEqualTo("one flat white");
            }
            assertThat(orders.length()).isPositive();
        }
        // README end
    }

    @Test
    void aQueueOfOrders() throws Exception {
        // README begin: queue
        try (Sietch sietch = Sietch.open(data)) {
            PersistentQueue<String> orders = sietch.queue("orders", Codec.utf8());
            orders.offer("one flat white"); // returns when it is durable
            Lease<String> order = orders.takeLease(); // handed out again after a crash, unless...
            System.out.println("making " + order.value());
            order.ack(); // ...its work is done
        }
        // README end

        try (Sietch sietch = Sietch.open(data)) {
            assertThat(sietch.queue("orders", Codec.utf8()).size()).isZero();
        }
    }

    @Test
    void fiveLinesFromNothingToADurableTable() throws IOException {
        // README begin: table
        try (Sietch sietch = Sietch.open(data)) {
            PersistentTable<String, Long> stock = sietch.table("stock", Codec.utf8(), Codec.longs());
            stock.put("flat white", 12L); // returns when it is durable
            stock.compute("flat white", (drink, left) -> left == null ? 0 : left - 1);
            System.out.println(stock.get("flat white") + " left");
        }
        // README end

        try (Sietch sietch = Sietch.open(data)) {
            assertThat(sietch.table("stock", Codec.utf8(), Codec.longs()).get("flat white"))
                    .isEqualTo(11L);
        }
    }
}
