package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers that do the work of a structure's thread: what they do, and what they leave to it. */
@Timeout(60)
class CallerTurnTest {
    private static final byte[] VALUE = {1, 2, 3};
    private static final LogGrowth NO_GROWTH = (structure, wanted, outcome) -> outcome.grown(new IOException("no"));

    private final List<Boolean> toldByGuest = new ArrayList<>();
    private final LogRig rig = new LogRig(new RamMedia(1 << 20));
    private GuestRunner runner = new GuestRunner(() -> 0);

    @BeforeEach
    void newRunner() {
        runner = new GuestRunner(() -> rig.controller.poll());
    }

    private PersistentLog log() throws IOException {
        LogCore core = rig.open();
        PersistentLog log = new PersistentLog("a", core, runner, SietchOptions.DEFAULTS, NO_GROWTH, () -> {});
        runner.runs(log.hosted());
        return log;
    }

    private PersistentQueue<byte[]> queue() throws IOException {
        QueueRig queueRig = new QueueRig(rig.media);
        QueueCore core = queueRig.open();
        runner = new GuestRunner(() -> queueRig.log.controller.poll());
        PersistentQueue<byte[]> queue =
                new PersistentQueue<>("a", Codec.bytes(), core, runner, SietchOptions.DEFAULTS, NO_GROWTH, () -> {});
        runner.runs(queue.hosted());
        return queue;
    }

    private void tell() {
        toldByGuest.add(runner.guest);
    }

    // ---- the log ----

    @Test
    void whoFindsTheLogIdleAppendsDurablyWithoutAnotherThread() throws IOException {
        PersistentLog log = log();
        long position = log.appendAndWait(VALUE);
        assertThat(log.durable()).isGreaterThan(position);
        assertThat(runner.visits).isEqualTo(1);
        assertThat(runner.wakes).isZero();
        assertThat(runner.owed).isFalse();
        assertThat(log.metrics().commits()).isEqualTo(1);
    }

    @Test
    void whoFindsTheLogAtWorkWakesIt() throws IOException {
        PersistentLog log = log();
        runner.idle = false;
        assertThat(log.appendAndWait(VALUE)).isPositive();
        assertThat(runner.visits).isZero();
        assertThat(runner.wakes).isEqualTo(1);
    }

    @Test
    void noCallbackRunsOnTheThreadOfACallerThatWaits() throws IOException {
        PersistentLog log = log();
        runner.works = false;
        log.append(VALUE, (position, failure) -> tell());
        assertThat(log.appendAndWait(VALUE)).isPositive();
        assertThat(runner.owed).isTrue();
        assertThat(toldByGuest).containsExactly(false);
    }

    @Test
    void noTrimIsToldOnTheThreadOfACallerThatWaits() throws IOException {
        PersistentLog log = log();
        log.appendAndWait(VALUE);
        CompletableFuture<@Nullable Void> trimmed = log.trim(log.durable());
        var told = trimmed.thenRun(this::tell);
        log.appendAndWait(VALUE);
        assertThat(runner.owed).isTrue();
        assertThat(told).isCompleted();
        assertThat(toldByGuest).containsExactly(false);
    }

    @Test
    void whatBreaksUnderACallerEndsTheLogOnItsOwnThread() throws IOException {
        LogCore core = rig.open();
        boolean[] brokenUnderGuest = new boolean[1];
        LogTenant broken = new LogTenant() {
            @Override
            public long append(MemorySegment payload, long offset, int length) {
                brokenUnderGuest[0] = runner.guest;
                throw new IllegalStateException("broken");
            }

            @Override
            public int poll() {
                return 0;
            }

            @Override
            public long completed() {
                return core.durable();
            }

            @Override
            public long areaBytesWanted() {
                return 0;
            }
        };
        PersistentLog log = new PersistentLog(
                "a", core, broken, runner, SietchOptions.DEFAULTS, NO_GROWTH, () -> toldByGuest.add(runner.guest));
        runner.runs(log.hosted());
        assertThatThrownBy(() -> log.appendAndWait(VALUE)).isInstanceOf(LogFailedException.class);
        assertThat(brokenUnderGuest[0]).isTrue();
        assertThat(log.hosted().hasEnded()).isTrue();
        assertThat(toldByGuest).containsExactly(false);
    }

    // ---- the queue ----

    @Test
    void whoFindsTheQueueIdleOffersLeasesAndTakesWithoutAnotherThread() throws Exception {
        PersistentQueue<byte[]> queue = queue();
        assertThat(queue.offer(VALUE)).isTrue();
        queue.put(VALUE);
        assertThat(queue.poll()).containsExactly(VALUE);
        assertThat(queue.poll()).isEqualTo(VALUE);
        assertThat(queue.poll()).isNull();
        assertThat(queue.offer(VALUE, 1, TimeUnit.DAYS)).isTrue();
        Lease<byte[]> lease = queue.takeLease();
        lease.ack();
        assertThat(queue.size()).isZero();
        assertThat(runner.visits).isEqualTo(9);
        assertThat(runner.wakes).isZero();
        assertThat(runner.owed).isFalse();
    }

    @Test
    void aTakeThatOthersSeeIsAnsweredByTheQueuesThread() throws IOException {
        PersistentQueue<byte[]> queue = queue();
        var told = queue.takeAsync().thenRun(this::tell);
        assertThat(queue.offer(VALUE)).isTrue();
        assertThat(runner.owed).isTrue();
        assertThat(told).isCompleted();
        assertThat(toldByGuest).containsExactly(false);
    }

    @Test
    void aCallerLeavesWhatOthersHandedOverBeforeItToTheQueuesThread() throws IOException {
        PersistentQueue<byte[]> queue = queue();
        runner.works = false;
        var told = queue.offerAsync(VALUE).thenRun(this::tell);
        assertThat(queue.offer(VALUE)).isTrue();
        assertThat(runner.owed).isTrue();
        assertThat(told).isCompleted();
        assertThat(toldByGuest).containsExactly(false);
        assertThat(queue.size()).isEqualTo(2);
    }

    @Test
    void noAnswerThatIsKnownAtOnceIsToldOnTheThreadOfACallerThatWaits() throws IOException {
        PersistentQueue<byte[]> queue = queue();
        runner.works = false;
        var told = queue.pollAsync().thenRun(this::tell);
        assertThat(queue.offer(VALUE)).isTrue();
        assertThat(told).isCompleted();
        assertThat(toldByGuest).containsExactly(false);
    }

    @Test
    void anAcknowledgementInNoHurryCostsNoFlushOfItsOwn() throws Exception {
        PersistentQueue<byte[]> queue = queue();
        queue.offer(VALUE);
        Lease<byte[]> lease = queue.takeLease();
        long flushes = queue.metrics().flushes();
        lease.ackLater();
        lease.ackLater(); // ended by then, and nobody hears of that
        assertThat(runner.wakes).isZero();
        assertThat(queue.metrics().flushes()).isEqualTo(flushes);
        queue.offer(VALUE);
        assertThat(queue.metrics().flushes()).isEqualTo(flushes + 1);
        assertThat(queue.size()).isEqualTo(1);
        assertThat(runner.owed).isFalse();
    }

    @Test
    void anAcknowledgementInNoHurryIsDurableWhenTheQueueWasClosed() throws Exception {
        PersistentQueue<byte[]> queue = queue();
        queue.offer(VALUE);
        queue.takeLease().ackLater();
        queue.close();
        assertThat(queue().poll()).isNull();
    }

    @Test
    void acknowledgementsThatNobodyIsWokenForMakeRoomWhenThereIsNone() throws Exception {
        PersistentQueue<byte[]> queue = queue();
        queue.offer(VALUE);
        Lease<byte[]> lease = queue.takeLease();
        for (int i = 0; i <= SietchOptions.DEFAULTS.ringEntries(); i++) {
            lease.ackLater();
        }
        assertThat(runner.wakes).isEqualTo(1);
        assertThat(queue.size()).isZero();
    }

    @Test
    void batchesThatAreAskedForAheadComeInOrder() throws Exception {
        PersistentQueue<byte[]> queue = queue();
        for (byte i = 0; i < 5; i++) {
            queue.offer(new byte[] {i});
        }
        runner.works = false;
        CompletableFuture<List<byte[]>> first = queue.pollAsync(2);
        CompletableFuture<List<byte[]>> second = queue.pollAsync(9);
        CompletableFuture<List<byte[]>> third = queue.pollAsync(9);
        assertThat(first).isNotDone();
        runner.work();
        assertThat(first.join()).containsExactly(new byte[] {0}, new byte[] {1});
        assertThat(second.join()).containsExactly(new byte[] {2}, new byte[] {3}, new byte[] {4});
        assertThat(third.join()).isEmpty();
    }
}
