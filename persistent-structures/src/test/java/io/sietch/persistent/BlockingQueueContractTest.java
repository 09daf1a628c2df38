package io.sietch.persistent;

import com.google.common.collect.testing.QueueTestSuiteBuilder;
import com.google.common.collect.testing.TestStringQueueGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.testers.CollectionRemoveAllTester;
import com.google.common.collect.testing.testers.CollectionRemoveIfTester;
import com.google.common.collect.testing.testers.CollectionRemoveTester;
import com.google.common.collect.testing.testers.CollectionRetainAllTester;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Guava's tests of what every {@link Queue} does, on a queue's {@code asBlockingQueue()}: but for those that remove
 * from the middle, which it refuses.
 */
@Timeout(120)
class BlockingQueueContractTest {
    private static final Set<Class<?>> FROM_THE_MIDDLE = Set.of(
            CollectionRemoveTester.class,
            CollectionRemoveAllTester.class,
            CollectionRemoveIfTester.class,
            CollectionRetainAllTester.class);

    @TempDir
    static Path directory;

    private static Sietch sietch;
    private static PersistentQueue<String> queue;

    @BeforeAll
    static void open() throws IOException {
        sietch = Sietch.open(directory);
        queue = sietch.queue("queue", Codec.utf8());
    }

    @AfterAll
    static void close() throws IOException {
        sietch.close();
    }

    /** One queue for all tests, emptied for each. */
    private static final class Queues extends TestStringQueueGenerator {
        @Override
        protected Queue<String> create(String[] elements) {
            Queue<String> view = queue.asBlockingQueue();
            view.clear();
            Collections.addAll(view, elements);
            return view;
        }
    }

    @TestFactory
    List<DynamicNode> itIsAQueue() {
        return GuavaTests.nodes(
                QueueTestSuiteBuilder.using(new Queues())
                        .named("asBlockingQueue")
                        .withFeatures(
                                CollectionFeature.SUPPORTS_ADD,
                                CollectionFeature.SUPPORTS_REMOVE,
                                CollectionFeature.KNOWN_ORDER,
                                CollectionSize.ANY)
                        .createTestSuite(),
                test -> !FROM_THE_MIDDLE.contains(test.getClass()));
    }
}
