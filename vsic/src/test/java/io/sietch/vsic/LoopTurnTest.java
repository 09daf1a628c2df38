package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Invariants 2 and 3 of {@link LoopTurn}, step by step; the first one is {@link PollerThreadTest}'s. */
class LoopTurnTest {
    private final Thread loop = new Thread(() -> {});
    private int wakes;
    private final LoopTurn turn = new LoopTurn(loop, new Waiter() {
        @Override
        public void await(long maxNanos) {
            throw new AssertionError("nobody waits here");
        }

        @Override
        public void wake() {
            wakes++;
        }
    });

    @Test
    void aGuestThatLeavesNothingWakesNobody() {
        assertThat(turn.tryEnter()).isTrue();
        assertThat(turn.isCurrent()).isTrue();
        turn.leave(false);
        assertThat(turn.isCurrent()).isFalse();
        assertThat(wakes).isZero();
    }

    @Test
    void thereIsOneGuestAtATime() {
        assertThat(turn.tryEnter()).isTrue();
        assertThat(turn.tryEnter()).isFalse();
        turn.leave(false);
        assertThat(turn.tryEnter()).isTrue();
    }

    @Test
    void whatWakesTheLoopMeanwhileReachesItWhenTheGuestLeaves() {
        assertThat(turn.tryEnter()).isTrue();
        turn.wake();
        turn.wake();
        assertThat(wakes).isZero();
        assertThat(turn.isWanted()).isTrue();
        turn.leave(false);
        assertThat(wakes).isEqualTo(1);
    }

    @Test
    void nobodyEntersBeforeALoopThatIsWanted() {
        assertThat(turn.tryEnter()).isTrue();
        turn.leave(true);
        assertThat(wakes).isEqualTo(1);
        assertThat(turn.tryEnter()).isFalse();
    }

    @Test
    void withoutAGuestTheLoopIsWokenAtOnce() {
        turn.wake();
        assertThat(wakes).isEqualTo(1);
        assertThat(turn.tryEnter()).isTrue();
    }
}
