package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.ThrowingConsumer;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PersistentQueueTest {
    private static final SietchOptions OPTIONS =
            SietchOptions.DEFAULTS.withDeviceBytes(4 << 20, 64 << 20).withLogBytes(1 << 20, 1 << 20);

    @TempDir
    Path data;

    private Sietch sietch;
    private PersistentQueue<String> queue;

    @BeforeEach
    void open() throws IOException {
        sietch = Sietch.open(data, OPTIONS);
        queue = sietch.queue("work", Codec.utf8());
    }

    @AfterEach
    void close() throws IOException {
        sietch.close();
    }

    private void reopen() throws IOException {
        close();
        open();
    }

    /**
     * Whatever happens, the threads end with the body, or are left behind: nobody waits for what does not come any
     * more. A failure shows what each thread was at.
     */
    private static void withThreads(ThrowingConsumer<ExecutorService> body) throws Throwable {
        ExecutorService threads =
                Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());
        try {
            body.accept(threads);
        } catch (Throwable e) {
            Thread.getAllStackTraces().forEach((thread, stack) -> {
                Throwable at = new Throwable("meanwhile " + thread);
                at.setStackTrace(stack);
                e.addSuppressed(at);
            });
            throw e;
        } finally {
            threads.shutdownNow();
        }
    }

    private Lease<String> lease() throws IOException {
        return Objects.requireNonNull(queue.lease());
    }

    @Test
    void whatIsOfferedIsPolledInOrderAlsoAfterReopening() throws IOException {
        assertThat(queue.poll()).isNull();
        assertThat(queue.peek()).isNull();
        for (String value : List.of("a", "b", "", "d")) {
            assertThat(queue.offer(value)).isTrue();
        }
        assertThat(queue.peek()).isEqualTo("a");
        assertThat(queue.poll()).isEqualTo("a");
        assertThat(queue.size()).isEqualTo(3);
        reopen();
        assertThat(queue.size()).isEqualTo(3);
        assertThat(queue.poll(2)).containsExactly("b", "");
        assertThat(queue.poll(10)).containsExactly("d");
        assertThat(queue.poll(10)).isEmpty();
    }

    @Test
    void aLeaseThatIsNotAcknowledgedIsRedeliveredAndMarkedAfterReopening() throws IOException {
        for (String value : List.of("a", "b", "c")) {
            queue.offer(value);
        }
        List<Lease<String>> leases = queue.lease(10);
        assertThat(leases).extracting(Lease::value).containsExactly("a", "b", "c");
        assertThat(leases).noneMatch(Lease::isRedelivered);
        assertThat(queue.lease()).isNull();
        leases.get(1).ack();
        assertThatThrownBy(leases.get(1)::ack)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is not leased");
        leases.get(2).nack();
        Lease<String> again = lease();
        assertThat(again.value()).isEqualTo("c");
        assertThat(again.isRedelivered()).isTrue();
        assertThat(again.id()).isEqualTo(leases.get(2).id());
        reopen();
        assertThat(queue.lease(10)).extracting(Lease::value).containsExactly("a", "c");
        assertThatThrownBy(again::ack).isInstanceOf(LogFailedException.class);
    }

    @Test
    void aCallbackIsToldWhenAnItemIsDurableAndWhenTheQueueIsFull() throws Exception {
        CompletableFuture<@Nullable IOException> first = new CompletableFuture<>();
        queue.offerAsync("a", (position, failure) -> first.complete(failure));
        assertThat(first.get()).isNull();
        assertThat(queue.poll()).isEqualTo("a");
        while (queue.offer("x".repeat(20_000))) {
            assertThat(queue.size()).isLessThan(100);
        }
        CompletableFuture<@Nullable IOException> full = new CompletableFuture<>();
        queue.offerAsync("x".repeat(20_000), (position, failure) -> full.complete(failure));
        assertThat(full.get()).isInstanceOf(LogFullException.class);
        queue.close();
        CompletableFuture<@Nullable IOException> late = new CompletableFuture<>();
        queue.offerAsync("b", (position, failure) -> late.complete(failure));
        assertThat(late.get()).isInstanceOf(LogFailedException.class);
    }

    @Test
    void aQueueIsVerifiedWhileItIsUsed() throws Throwable {
        withThreads(threads -> {
            Future<?> producer = threads.submit(() -> {
                for (int i = 0; i < 300; i++) {
                    queue.put("item " + i);
                }
                return null;
            });
            while (!producer.isDone()) {
                assertThat(queue.verify().damages()).isEmpty();
                queue.poll();
            }
            producer.get();
        });
        assertThat(queue.verify().keys()).isEqualTo(queue.size());
        queue.close();
        assertThatThrownBy(queue::verify).isInstanceOf(LogFailedException.class);
    }

    /** Whether the queue is full at times, and who finds it so, is up to the threads. */
    @Test
    void manyProducersAndConsumersSeeEachItemOnce() throws Throwable {
        int producers = 3;
        int each = 400;
        ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
        withThreads(threads -> {
            List<Future<?>> offering = new ArrayList<>();
            for (int p = 0; p < producers; p++) {
                int producer = p;
                offering.add(threads.submit(() -> {
                    List<CompletableFuture<Boolean>> offers = new ArrayList<>();
                    for (int i = 0; i < each; i++) {
                        offers.add(queue.offerAsync(producer + " " + i));
                    }
                    for (int i = 0; i < each; i++) {
                        if (!offers.get(i).get()) {
                            queue.put(producer + " " + i);
                        }
                    }
                    return null;
                }));
            }
            Future<?> taking = threads.submit(() -> {
                List<String> mine = new ArrayList<>();
                while (!mine.contains("end")) {
                    mine.add(queue.take());
                }
                return seen.addAll(mine);
            });
            Future<?> leasing = threads.submit(() -> {
                while (true) {
                    Lease<String> lease = queue.takeLease();
                    seen.add(lease.value());
                    CompletableFuture<?> ack = lease.ackAsync();
                    if (lease.value().equals("end")) {
                        return ack.get();
                    }
                }
            });
            for (Future<?> offers : offering) {
                offers.get();
            }
            queue.put("end");
            queue.put("end");
            taking.get();
            leasing.get();
        });
        assertThat(seen)
                .hasSize(producers * each + 2)
                .filteredOn(value -> !value.equals("end"))
                .doesNotHaveDuplicates();
        assertThat(queue.size()).isZero();
    }

    @Test
    void oneConsumerSeesEachProducersItemsInTheirOrder() throws Throwable {
        int[] next = new int[3];
        withThreads(threads -> {
            for (int p = 0; p < next.length; p++) {
                int producer = p;
                threads.submit(() -> {
                    for (int i = 0; i < 100; i++) {
                        queue.offer(producer + " " + i);
                    }
                    return null;
                });
            }
            for (int n = 0; n < next.length * 100; n++) {
                String[] value = queue.take().split(" ");
                assertThat(Integer.parseInt(value[1])).isEqualTo(next[Integer.parseInt(value[0])]++);
            }
        });
    }

    private void reopenWithRoomForTwo(long busyNanos) throws IOException {
        sietch.close();
        sietch = Sietch.open(data, OPTIONS.withHandOver(2, 512, 1 << 20, busyNanos));
        queue = sietch.queue("work", Codec.utf8());
    }

    @Test
    void whoAsksWhileAsManyOfItsKindWaitAsMayIsHeldBack() throws Throwable {
        reopenWithRoomForTwo(60_000_000_000L);
        withThreads(threads -> {
            List<CompletableFuture<@Nullable String>> takes = List.of(queue.takeAsync(), queue.takeAsync());
            assertThat(queue.size()).isZero();
            Future<String> third = threads.submit(() -> queue.take());
            for (String value : List.of("a", "b", "c")) {
                assertThat(queue.offer(value)).isTrue();
            }
            assertThat(List.of(takes.get(0).join(), takes.get(1).join(), third.get()))
                    .containsExactlyInAnyOrder("a", "b", "c");
        });
    }

    @Test
    void whoIsHeldBackForTooLongIsToldAndOtherKindsGoOn() throws Exception {
        reopenWithRoomForTwo(50_000_000);
        List<CompletableFuture<@Nullable String>> takes = List.of(queue.takeAsync(), queue.takeAsync());
        assertThatThrownBy(queue::take).isInstanceOf(LogBusyException.class).hasMessageContaining("2 of its kind");
        assertThat(queue.poll(1, TimeUnit.NANOSECONDS)).isNull();
        assertThat(takes.get(0).cancel(false)).isTrue();
        assertThat(queue.offer("a")).isTrue();
        assertThat(takes.get(1).join()).isEqualTo("a");
        assertThat(queue.offer("b")).isTrue();
        assertThat(queue.take()).as("what was cancelled takes up no room").isEqualTo("b");
    }

    @Test
    void aFullQueueRefusesOffersAndLetsPutWait() throws Exception {
        String value = "x".repeat(20_000);
        int offered = 0;
        while (queue.offer(value)) {
            offered++;
        }
        assertThat(offered).isGreaterThan(30);
        assertThat(queue.offer(value, 1, TimeUnit.MILLISECONDS)).isFalse();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> queue.put(value)).isInstanceOf(InterruptedException.class);
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<?> put = threads.submit(() -> {
                queue.put("last");
                return null;
            });
            for (int i = 0; i < offered; i++) {
                assertThat(queue.take()).isEqualTo(value);
            }
            put.get();
        }
        assertThat(queue.take()).as("the withdrawn ones are not there").isEqualTo("last");
        assertThat(queue.poll()).isNull();
    }

    @Test
    void aQueueThatMayGrowDoes() throws IOException {
        sietch.close();
        sietch = Sietch.open(data, OPTIONS.withLogBytes(1 << 20, 8 << 20));
        queue = sietch.queue("work", Codec.utf8());
        String value = "x".repeat(20_000);
        for (int i = 0; i < 200; i++) {
            assertThat(queue.offer(value)).as("offer " + i).isTrue();
        }
        assertThat(sietch.area("work").orElseThrow().size()).isGreaterThan(4_000_000);
        PersistentQueue<String> other = sietch.queue("by hand", Codec.utf8());
        sietch.grow(other, 2 << 20);
        assertThat(sietch.area("by hand").orElseThrow().size()).isEqualTo(2 << 20);
    }

    @Test
    void whoWaitsInVainGetsNothingAndTakesNothing() throws Exception {
        assertThat(queue.poll(1, TimeUnit.MILLISECONDS)).isNull();
        assertThat(queue.lease(1, TimeUnit.MILLISECONDS)).isNull();
        Thread.currentThread().interrupt();
        assertThatThrownBy(queue::take).isInstanceOf(InterruptedException.class);
        CompletableFuture<?> cancelled = queue.takeAsync();
        assertThat(cancelled.cancel(true)).isTrue();
        CompletableFuture<?> waiting = queue.takeAsync();
        queue.offer("a");
        assertThat(waiting.join()).isEqualTo("a");
        assertThat(waiting.cancel(true)).isFalse();
        queue.offer("b");
        assertThat(queue.poll()).isEqualTo("b");
    }

    @Test
    void aValueThatTheCodecRefusesStays() throws IOException {
        queue.offer("not a long");
        reopenAs(Codec.longs(), longs -> {
            assertThatThrownBy(longs::poll).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(longs::lease).isInstanceOf(IllegalArgumentException.class);
        });
        open();
        assertThat(queue.poll()).isEqualTo("not a long");
    }

    private interface Body<E> {
        void run(PersistentQueue<E> queue) throws IOException;
    }

    private <E> void reopenAs(Codec<E> codec, Body<E> body) throws IOException {
        sietch.close();
        try (Sietch other = Sietch.open(data, OPTIONS)) {
            body.run(other.queue("work", codec));
        }
    }

    @Test
    void anOpenQueueIsTheSameAndHasOneCodecAndOneType() throws IOException {
        assertThat(sietch.queue("work", Codec.utf8())).isSameAs(queue);
        assertThatThrownBy(() -> sietch.queue("work", Codec.longs()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Codec.utf8()");
        assertThatThrownBy(() -> sietch.log("work"))
                .isInstanceOf(LogFormatException.class)
                .hasMessageContaining("open as a PersistentQueue");
        queue.offer("a");
        queue.close();
        queue.close();
        assertThatThrownBy(() -> queue.offer("b")).isInstanceOf(LogFailedException.class);
        assertThat(sietch.queue("work", Codec.utf8()).poll()).isEqualTo("a");
    }

    @Test
    void closingTellsThoseWhoWait() throws IOException {
        CompletableFuture<?> take = queue.takeAsync();
        CompletableFuture<?> lease = queue.leaseAsync();
        CompletableFuture<Boolean> offer = queue.offerAsync("a");
        queue.close();
        assertThat(offer.join()).isTrue();
        assertThat(take.handle((value, failure) -> value == null ? failure : value)
                        .join())
                .satisfiesAnyOf(
                        taken -> assertThat(taken).isEqualTo("a"),
                        failed -> assertThat(failed).isInstanceOf(LogFailedException.class));
        assertThatThrownBy(lease::join).hasCauseInstanceOf(LogFailedException.class);
    }

    @Test
    void valuesOfAnyLengthGoThroughAndTooLongOnesAreRefused() throws IOException {
        for (int length : new int[] {0, 255, 256, 257, queue.maxValueBytes()}) {
            queue.offer("y".repeat(length));
            assertThat(queue.poll()).hasSize(length);
        }
        assertThatThrownBy(() -> queue.offer("y".repeat(queue.maxValueBytes() + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(queue.maxValueBytes()));
    }

    @Test
    void leasesAreLimited() throws IOException {
        PersistentQueue<Long> small =
                sietch.queue("small", Codec.longs(), new QueueOptions(2, 10), LogOptions.DEFAULTS);
        for (long i = 0; i < 4; i++) {
            small.offer(i);
        }
        List<Lease<Long>> two = small.lease(3);
        assertThat(two).hasSize(2);
        assertThatThrownBy(small::lease).isInstanceOf(LogBusyException.class).hasMessageContaining("2 leases");
        assertThat(small.poll()).isEqualTo(2);
        CompletableFuture<?> waiting = small.leaseAsync();
        two.getFirst().ack();
        assertThat(waiting.join()).hasToString("Lease[small 4: 3]");
    }

    @Test
    void theQueueCannotBeWaitedForOnItsOwnThread() {
        CompletableFuture<Object> inside = queue.offerAsync("a").handle((done, failure) -> {
            try {
                return String.valueOf(queue.poll());
            } catch (IOException | IllegalStateException e) {
                return e;
            }
        });
        assertThat(inside.join()).isInstanceOfAny(IllegalStateException.class, String.class);
        assertThat(queue.sync().join()).isNull();
    }

    @Test
    void theBlockingQueueKeepsItsContract() throws Exception {
        BlockingQueue<String> view = queue.asBlockingQueue();
        assertThat(view.addAll(Arrays.asList("a", "b", "c", "d", "e"))).isTrue();
        assertThat(view).hasSize(5).containsExactly("a", "b", "c", "d", "e");
        assertThat(view.element()).isEqualTo("a");
        assertThat(view.remove()).isEqualTo("a");
        assertThat(view.take()).isEqualTo("b");
        Lease<String> leased = lease();
        assertThat(view).as("what is leased is not shown").containsExactly("d", "e");
        leased.nack();
        assertThat(view).containsExactly("c", "d", "e");
        List<String> drained = new ArrayList<>();
        assertThat(view.drainTo(drained, 2)).isEqualTo(2);
        assertThat(view.drainTo(drained)).isEqualTo(1);
        assertThat(view.drainTo(drained)).isZero();
        assertThat(drained).containsExactly("c", "d", "e");
        assertThat(view.poll(1, TimeUnit.MILLISECONDS)).isNull();
        assertThat(view.offer("f", 1, TimeUnit.SECONDS)).isTrue();
        assertThat(view.peek()).isEqualTo("f");
        view.clear();
        assertThat(view).isEmpty();
        assertThatThrownBy(() -> view.drainTo(view)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(view::remove).isInstanceOf(java.util.NoSuchElementException.class);
    }
}
