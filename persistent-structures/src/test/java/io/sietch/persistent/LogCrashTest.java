package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Whatever happens, and whenever the power goes: what was acknowledged is there, what is there was appended in this
 * order, and opening again finds the same. Crashes hit openings too.
 */
class LogCrashTest {
    private static final int SEGMENTS = 6;

    private record Entry(long start, long end, byte[] payload) {}

    /** A log on a medium that crashes, beside a model of what it may hold. */
    private static final class Run {
        final VolatileCacheMedia media;
        final LogRig rig;
        final Random random;
        final List<Entry> model = new ArrayList<>();
        LogCore log;
        long acknowledged;
        long trimAcknowledged;
        long trimRequested;
        int number;

        Run(long seed, int sector) throws IOException {
            random = new Random(seed);
            media = new VolatileCacheMedia(SEGMENTS * LogRig.SEGMENT, sector);
            rig = new LogRig(media);
            rig.options = rig.options.withSalts(random::nextLong);
            log = open();
        }

        private LogCore open() throws IOException {
            while (true) {
                try {
                    media.stepsToCrash = random.nextInt(3) == 0 ? random.nextInt(20) : Integer.MAX_VALUE;
                    LogCore opened = rig.open();
                    media.stepsToCrash = Integer.MAX_VALUE;
                    return opened;
                } catch (IOException e) {
                    if (!media.isDead()) {
                        throw e;
                    }
                    media.crash(random);
                }
            }
        }

        void act(int choice) throws IOException {
            switch (choice % 16) {
                case 0, 1, 2, 3 -> append(choice / 16 % 300);
                case 4, 5 -> append(choice / 16 % 20_000);
                case 6 -> append(choice / 16 % log.maxRecordBytes());
                case 7, 8, 9 -> log.commit();
                case 10 -> log.submit();
                case 11, 12 -> step(choice / 16);
                case 13 -> trim(choice / 16);
                case 14 -> rig.commit(log);
                default -> crash(choice / 16);
            }
            observe();
        }

        private void append(int length) {
            byte[] payload = LogRig.payload(number++, length);
            long end = rig.append(log, payload);
            if (end > 0) {
                model.add(new Entry(LogCore.start(end, length), end, payload));
            } else {
                assertThat(end).isEqualTo(LogCore.NO_SPACE);
                rig.commit(log);
                log.trim(log.durable());
                trimRequested = log.head();
                rig.settle(log);
            }
        }

        private void step(int bits) {
            for (int i = 0; i < 6; i++) {
                if ((bits >> i & 1) == 0) {
                    log.poll();
                } else {
                    rig.controller.poll();
                }
            }
        }

        private void trim(int choice) {
            List<Entry> durable =
                    model.stream().filter(e -> e.end <= log.durable()).toList();
            if (!durable.isEmpty()) {
                log.trim(durable.get(choice % durable.size()).start);
                trimRequested = Math.max(trimRequested, log.head());
            }
        }

        private void observe() {
            assertThat(log.isFailed()).isFalse();
            assertThat(log.trimmed()).isLessThanOrEqualTo(log.head());
            assertThat(log.head()).isLessThanOrEqualTo(Math.max(log.durable(), log.head()));
            assertThat(log.durable()).isLessThanOrEqualTo(log.written());
            assertThat(log.written()).isLessThanOrEqualTo(log.submitted());
            assertThat(log.submitted()).isLessThanOrEqualTo(log.appended());
            acknowledged = Math.max(acknowledged, log.durable());
            trimAcknowledged = Math.max(trimAcknowledged, log.trimmed());
        }

        private void crash(int choice) throws IOException {
            observe();
            if (choice % 4 != 0) {
                log.commit();
                media.stepsToCrash = choice % 7;
                rig.settle(log);
                acknowledged = Math.max(acknowledged, log.durable());
            }
            media.crash(random);
            log = open();
            check();
        }

        void check() throws IOException {
            assertThat(log.tail()).isNotInstanceOf(LogTail.Corrupt.class);
            assertThat(log.durable()).as("acknowledged records are there").isGreaterThanOrEqualTo(acknowledged);
            assertThat(log.head()).isBetween(trimAcknowledged, Math.max(trimRequested, trimAcknowledged));
            model.removeIf(e -> e.start >= log.durable());
            long last = model.isEmpty() ? 0 : model.getLast().end;
            assertThat(log.durable()).as("the log ends with a whole record").isEqualTo(last);
            List<byte[]> expected = model.stream()
                    .filter(e -> e.start >= log.head())
                    .map(Entry::payload)
                    .toList();
            assertThat(LogRig.read(log, log.head())).containsExactlyElementsOf(expected);
            trimRequested = log.head();
        }
    }

    @Property(tries = 400, shrinking = ShrinkingMode.BOUNDED)
    void everythingAcknowledgedSurvivesCrashes(
            @ForAll long seed,
            @ForAll @Size(min = 5, max = 60) List<@IntRange(max = 1 << 24) Integer> choices,
            @ForAll boolean smallSectors)
            throws IOException {
        Run run = new Run(seed, smallSectors ? 512 : 4096);
        for (int choice : choices) {
            run.act(choice);
        }
        run.crash(1);
        long end = run.log.durable();
        run.log = run.open();
        run.check();
        assertThat(run.log.durable()).isEqualTo(end);
    }
}
