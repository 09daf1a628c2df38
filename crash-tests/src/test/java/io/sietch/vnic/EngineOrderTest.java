package io.sietch.vnic;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.crash.order.Orders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever waits for a frame is woken, in whatever order the waiting and the sending threads' steps come. */
@Timeout(120)
class EngineOrderTest {
    private static void explore(Class<? extends EngineScenario> scenario, int changes, int sample) {
        Orders orders = new Orders(scenario, "io.sietch.vnic.", "io.sietch.net.")
                .withoutMemory()
                .with(changes, sample);
        int tried = orders.explore();
        System.out.println(orders + ": " + tried + " orders");
        assertThat(tried).isGreaterThan(50);
    }

    @Test
    void nobodySleepsThroughAFrame() {
        explore(EngineScenario.Two.class, 2, 100);
    }

    /** The only one who waits has to look once more after it has asked to be woken. */
    @Test
    void aFrameThatComesJustBeforeSleepingIsSeen() {
        explore(EngineScenario.One.class, 1, 1000);
    }
}
