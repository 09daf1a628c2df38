package io.sietch.bench.queue;

import io.sietch.bench.queue.BenchQueue.Worker;
import io.sietch.bench.report.Children;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** The measuring JVM: one queue, one case. Prints how many items a second came through. */
public final class QueueFork {
    private QueueFork() {}

    /**
     * @param args queue, case, bytes of an item, seconds to warm up, seconds to measure, directory
     */
    public static void main(String[] args) throws Exception {
        Children.endWithParent();
        QueueCase question = QueueCase.valueOf(args[1]);
        byte[] item = new byte[Integer.parseInt(args[2])];
        new SplittableRandom(1).nextBytes(item);
        try (BenchQueue queue = QueueKind.valueOf(args[0]).open(Path.of(args[5]), question.promise())) {
            run(queue, question, item, Double.parseDouble(args[3]));
            System.out.println("rate " + run(queue, question, item, Double.parseDouble(args[4])));
        }
    }

    private static double run(BenchQueue queue, QueueCase question, byte[] item, double seconds) throws Exception {
        long nanos = (long) (seconds * 1e9);
        AtomicBoolean produced = new AtomicBoolean();
        long start = System.nanoTime();
        long offered = 0;
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<Long>> producers = new ArrayList<>();
            for (int i = 0; i < question.threads(); i++) {
                Callable<Long> body = () -> produce(queue.worker(), item, nanos, question.takes() == 1);
                producers.add(threads.submit(body));
            }
            Callable<Long> taking = () -> question.takes() > 1 ? consume(queue.worker(), produced) : 0;
            Future<Long> consumer = threads.submit(taking);
            try {
                for (Future<Long> producer : producers) {
                    offered += producer.get();
                }
            } finally {
                produced.set(true);
            }
            long taken = consumer.get();
            if (question.takes() > 1 && taken != offered) {
                throw new IllegalStateException(offered + " items went in, and " + taken + " came out");
            }
        }
        Throwable failure = queue.failure();
        if (failure != null) {
            throw new IllegalStateException("an offer failed: " + failure, failure);
        }
        return offered * 1e9 / (System.nanoTime() - start);
    }

    private static long produce(Worker worker, byte[] item, long nanos, boolean takes) throws Exception {
        long start = System.nanoTime();
        long done = 0;
        while (System.nanoTime() - start < nanos) {
            worker.offer(item);
            done++;
            if (takes && worker.poll(1) != 1) {
                throw new IllegalStateException("what was offered is not there");
            }
        }
        return done;
    }

    /** Takes until there is nothing after the producers have ended and everything of theirs can be seen. */
    private static long consume(Worker worker, AtomicBoolean produced) throws Exception {
        long taken = 0;
        int idle = 0;
        while (idle < 1000) {
            boolean ended = produced.get();
            int some = worker.poll(QueueCase.BATCH);
            taken += some;
            // Not waiting means that the last items may become visible a little later.
            idle = some == 0 && ended ? idle + 1 : 0;
            if (some == 0) {
                Thread.yield();
            }
        }
        return taken;
    }
}
