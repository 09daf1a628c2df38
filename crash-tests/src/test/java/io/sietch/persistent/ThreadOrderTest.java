package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.crash.order.Orders;
import io.sietch.crash.order.Scenario;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What threads share, in the orders in which their steps can come: a build tries some hundred of each, {@code
 * -Dsietch.crash.tries=N} so many times more. Nobody waits for ever in any of them.
 */
@Timeout(120)
class ThreadOrderTest {
    private static Orders orders(Class<? extends Scenario> scenario) {
        return new Orders(scenario, "io.sietch.persistent.", "io.sietch.vsic.", "com.lmax.disruptor.");
    }

    private static void explore(Orders orders) {
        int tried = orders.explore();
        System.out.println(orders + ": " + tried + " orders");
        assertThat(tried).isGreaterThan(20);
    }

    @Test
    void aKeyIsFoundWhilePartsAreSplitAndTheirMemoryIsUsedAgain() {
        explore(orders(ReaderScenarios.Split.class).with(2, 300));
    }

    @Test
    void whatAGlanceMissesWhileMemoryIsUsedAgainDoesNotCount() {
        explore(orders(ReaderScenarios.Glance.class).with(2, 300));
    }

    @Test
    void aKeyIsFoundWhileTombstonesAreSweptAndItsItemMoves() {
        explore(orders(ReaderScenarios.Sweep.class).with(2, 300));
    }

    @Test
    void whatIsMailedArrivesOnceAndIsNotSleptThrough() {
        explore(orders(HandOverScenarios.Mail.class).with(1, 5000));
    }

    @Test
    void whatIsHandedOverIsAppendedAndCompletedOnceInOneOrder() {
        explore(orders(HandOverScenarios.Ring.class).with(3, 150));
    }

    @Test
    void itemsAreLeasedInOrderWhileOffersWaitForRoomToBeAsked() {
        explore(orders(QueueScenarios.Leases.class).withoutMemory().with(2, 50));
    }

    @Test
    void eachItemGoesToOneOfTwoConsumers() {
        explore(orders(QueueScenarios.Takers.class).withoutMemory().with(2, 50));
    }

    @Test
    void whoeverAsksAQueueThatIsBeingClosedIsAnswered() {
        explore(orders(QueueScenarios.Closing.class).withoutMemory().with(2, 50));
    }
}
