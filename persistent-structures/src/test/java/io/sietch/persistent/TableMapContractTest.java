package io.sietch.persistent;

import com.google.common.collect.testing.ConcurrentMapTestSuiteBuilder;
import com.google.common.collect.testing.TestStringMapGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.MapFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Guava's tests of what every {@link java.util.concurrent.ConcurrentMap} does, on a table's {@code asMap()}. */
@Timeout(120)
class TableMapContractTest {
    @TempDir
    static Path directory;

    private static Sietch sietch;
    private static PersistentTable<String, String> table;

    @BeforeAll
    static void open() throws IOException {
        sietch = Sietch.open(directory);
        table = sietch.table("map", Codec.utf8(), Codec.utf8());
    }

    @AfterAll
    static void close() throws IOException {
        sietch.close();
    }

    /** One table for all tests, emptied for each. */
    private static final class Maps extends TestStringMapGenerator {
        @Override
        protected Map<String, String> create(Map.Entry<String, String>[] entries) {
            try {
                table.clear();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Map<String, String> map = table.asMap();
            for (Map.Entry<String, String> entry : entries) {
                map.put(entry.getKey(), entry.getValue());
            }
            return map;
        }
    }

    @TestFactory
    List<DynamicNode> itIsAConcurrentMap() {
        return GuavaTests.nodes(
                ConcurrentMapTestSuiteBuilder.using(new Maps())
                        .named("asMap")
                        .withFeatures(
                                MapFeature.GENERAL_PURPOSE,
                                CollectionFeature.SUPPORTS_ITERATOR_REMOVE,
                                CollectionSize.ANY)
                        .createTestSuite(),
                test -> true);
    }
}
