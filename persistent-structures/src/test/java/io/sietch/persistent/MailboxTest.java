package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

class MailboxTest {
    private static final int GC_MAX = 20;

    @Test
    void itTakesAsMuchAsItHasRoomForAndGivesItBackInOrder() {
        Mailbox<Integer> mailbox = new Mailbox<>(2);
        assertThat(mailbox.peek()).isNull();
        assertThat(mailbox.poll()).isNull();
        for (int i = 0; i < 10; i += 2) {
            assertThat(mailbox.tryPut(i)).isTrue();
            assertThat(mailbox.tryPut(i + 1)).isTrue();
            assertThat(mailbox.tryPut(-1)).as("a third of two").isFalse();
            assertThat(mailbox.peek()).isEqualTo(i).isEqualTo(mailbox.peek());
            assertThat(mailbox.poll()).isEqualTo(i);
            assertThat(mailbox.tryPut(-2)).as("there is room for one").isTrue();
            assertThat(mailbox.tryPut(-1)).isFalse();
            assertThat(mailbox.poll()).isEqualTo(i + 1);
            assertThat(mailbox.poll()).isEqualTo(-2);
            assertThat(mailbox.poll()).isNull();
        }
    }

    /** A request is its answer too, which may be large, and a ring of thousands may be idle for days. */
    @Test
    void whatWasTakenIsNotKept() {
        Mailbox<Object> mailbox = new Mailbox<>(4);
        WeakReference<Object> taken = putAndTake(mailbox);
        for (int i = 0; i < GC_MAX && taken.get() != null; i++) {
            System.gc();
        }
        assertThat(taken.get()).isNull();
        assertThat(mailbox.poll()).isNull();
    }

    private static WeakReference<Object> putAndTake(Mailbox<Object> mailbox) {
        assertThat(mailbox.tryPut(new Object())).isTrue();
        return new WeakReference<>(mailbox.poll());
    }
}
