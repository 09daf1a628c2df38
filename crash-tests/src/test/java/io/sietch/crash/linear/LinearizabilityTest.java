package io.sietch.crash.linear;

import static io.sietch.crash.linear.Operation.Kind.DEL;
import static io.sietch.crash.linear.Operation.Kind.GET;
import static io.sietch.crash.linear.Operation.Kind.INCR;
import static io.sietch.crash.linear.Operation.Kind.SET;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.crash.linear.Operation.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Histories by hand, good and bad: what the checker of redis-lite's histories accepts, and what not. */
class LinearizabilityTest {
    private final List<Operation> history = new ArrayList<>();

    private LinearizabilityTest done(Kind kind, String argument, long from, long to, @Nullable String result) {
        history.add(new Operation(0, "k", kind, argument, from, to, result, true));
        return this;
    }

    private LinearizabilityTest pending(Kind kind, String argument, long from, long crash) {
        history.add(new Operation(0, "k", kind, argument, from, crash, null, false));
        return this;
    }

    private void isExplained() {
        assertThatCode(() -> Linearizability.check(history)).doesNotThrowAnyException();
    }

    private void isNotExplained() {
        assertThatThrownBy(() -> Linearizability.check(history))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("no order of the " + history.size() + " requests on \"k\"");
    }

    @Test
    void oneAfterTheOther() {
        done(SET, "1", 1, 2, "OK")
                .done(INCR, "", 3, 4, "2")
                .done(GET, "", 5, 6, "2")
                .done(DEL, "", 7, 8, "1");
        done(DEL, "", 9, 10, "0").done(GET, "", 11, 12, null).isExplained();
    }

    @Test
    void theOneThatOverlapsMayComeFirstOrLast() {
        done(SET, "1", 1, 10, "OK").done(GET, "", 2, 3, null).done(GET, "", 4, 5, "1");
        isExplained();
    }

    @Test
    void aReadOfWhatIsNotThereYet() {
        done(GET, "", 1, 2, "1").done(SET, "1", 3, 4, "OK").isNotExplained();
    }

    @Test
    void aStaleRead() {
        done(SET, "1", 1, 2, "OK").done(SET, "2", 3, 4, "OK").done(GET, "", 5, 6, "1");
        isNotExplained();
    }

    @Test
    void readsThatGoBack() {
        done(SET, "1", 1, 10, "OK").done(GET, "", 2, 3, "1").done(GET, "", 4, 5, null);
        isNotExplained();
    }

    @Test
    void twoThatCountToTheSameNumber() {
        done(INCR, "", 1, 5, "1").done(INCR, "", 2, 6, "1").isNotExplained();
    }

    @Test
    void whatACrashLeftUnansweredHappenedOrNot() {
        pending(SET, "1", 1, 5).done(GET, "", 6, 7, "1").isExplained();
        history.clear();
        pending(SET, "1", 1, 5).done(GET, "", 6, 7, null).isExplained();
    }

    @Test
    void butItDoesNotHappenAfterTheCrash() {
        pending(SET, "1", 1, 5).done(GET, "", 6, 7, null).done(GET, "", 8, 9, "1");
        isNotExplained();
    }

    @Test
    void norTwice() {
        done(SET, "1", 1, 2, "OK").pending(INCR, "", 3, 5).done(GET, "", 6, 7, "3");
        isNotExplained();
    }

    @Test
    void anAcknowledgedWriteIsLost() {
        done(SET, "1", 1, 2, "OK").done(GET, "", 6, 7, null).isNotExplained();
    }

    @Test
    void aValueThatWasReadIsLost() {
        pending(SET, "1", 1, 5).done(GET, "", 2, 3, "1").done(GET, "", 6, 7, null);
        isNotExplained();
    }

    @Test
    void aDeletedKeyComesBack() {
        done(SET, "1", 1, 2, "OK").done(DEL, "", 3, 4, "1").done(GET, "", 6, 7, "1");
        isNotExplained();
    }
}
