package io.sietch.vnic;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.crash.order.Orders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever waits for a frame is woken, in whatever order the waiting and the sending threads' steps come. */
@Timeout(120)
class EngineOrderTest {
    @Test
    void nobodySleepsThroughAFrame() {
        Orders orders = new Orders(EngineScenario.class, "io.sietch.vnic.", "io.sietch.net.")
                .withoutMemory()
                .with(2, 100);
        int tried = orders.explore();
        System.out.println(orders + ": " + tried + " orders");
        assertThat(tried).isGreaterThan(50);
    }
}
