package io.sietch.persistent;

import io.sietch.crash.order.Scenario;
import io.sietch.vsic.ParkWaiter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Threads that hand over, and the one that takes and sleeps where there is nothing. */
final class HandOverScenarios {
    private HandOverScenarios() {}

    private static void expect(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** Numbers of two threads, each in its order, none twice: what one thread got. */
    private static void expectEachOnce(List<Long> seen, int each) {
        for (int producer = 0; producer < 2; producer++) {
            long first = producer * 100L;
            List<Long> mine =
                    seen.stream().filter(number -> number / 100 * 100 == first).toList();
            for (int i = 0; i < each; i++) {
                expect(i < mine.size() && mine.get(i) == first + i, "of thread " + producer + " came " + seen);
            }
        }
        expect(seen.size() == 2 * each, "there came " + seen);
    }

    /** Two threads put more than there is room for; the third takes, and sleeps between. */
    static final class Mail implements Scenario {
        private static final int EACH = 2;

        private final Mailbox<Long> mailbox = new Mailbox<>(2);
        private final ParkWaiter waiter = new ParkWaiter();
        private final List<Long> seen = new ArrayList<>();

        @Override
        public List<Runnable> threads() {
            return List.of(() -> put(0), () -> put(1), this::take);
        }

        private void put(int producer) {
            for (int i = 0; i < EACH; i++) {
                while (!mailbox.tryPut(producer * 100L + i)) {
                    Thread.yield();
                }
                waiter.wake();
            }
        }

        private void take() {
            while (seen.size() < 2 * EACH) {
                Long number = mailbox.poll();
                if (number == null) {
                    waiter.await(Long.MAX_VALUE);
                } else {
                    seen.add(number);
                }
            }
        }

        @Override
        public void check() {
            expectEachOnce(seen, EACH);
        }
    }

    /** Two threads hand over short payloads; the owner appends some before it completes the first of them. */
    static final class Ring implements Scenario {
        private static final int EACH = 2;

        private final HandOver ring = new HandOver(2, Long.BYTES);
        private final List<Long> appended = new ArrayList<>();
        private final List<Long> completed = new ArrayList<>();

        @Override
        public List<Runnable> threads() {
            return List.of(() -> append(0), () -> append(1), this::own);
        }

        private void append(int producer) {
            MemorySegment payload = Arena.ofAuto().allocate(Long.BYTES);
            for (int i = 0; i < EACH; i++) {
                long number = producer * 100L + i;
                payload.set(ValueLayout.JAVA_LONG, 0, number);
                long sequence = ring.tryClaim();
                while (sequence < 0) {
                    Thread.yield();
                    sequence = ring.tryClaim();
                }
                ring.copy(sequence, payload, 0, Long.BYTES, (position, failure) -> {
                    expect(position == number, "record " + number + " is told " + position);
                    completed.add(number);
                });
            }
        }

        private void own() {
            while (completed.size() < 2 * EACH) {
                if (ring.hasNext()) {
                    expect(ring.nextLength() == Long.BYTES, "a length of " + ring.nextLength());
                    long number = ring.nextSegment().get(ValueLayout.JAVA_LONG, ring.nextOffset());
                    appended.add(number);
                    ring.appended(number, false);
                } else {
                    complete();
                    Thread.yield();
                }
            }
        }

        /** One; what else was appended keeps its room. */
        private void complete() {
            HandOver.Entry entry = ring.oldest();
            if (entry != null) {
                ring.complete(entry.end, null);
            }
            ring.release();
        }

        @Override
        public void check() {
            expectEachOnce(appended, EACH);
            expect(completed.equals(appended), "appended " + appended + " and completed " + completed);
        }
    }
}
