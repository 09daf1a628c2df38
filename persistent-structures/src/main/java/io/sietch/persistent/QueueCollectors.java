package io.sietch.persistent;

import io.sietch.persistent.QueueRequest.Take;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What becomes of the items that were found for a request. */
final class QueueCollectors {
    private QueueCollectors() {}

    /** The one item, or null. */
    static final class One<T> implements Take.Collector<@Nullable T> {
        private final Function<QueueCore, T> reader;
        private @Nullable T value;

        One(Function<QueueCore, T> reader) {
            this.reader = reader;
        }

        @Override
        public void add(QueueCore found) {
            value = reader.apply(found);
        }

        @Override
        public @Nullable T answer() {
            return value;
        }
    }

    /** All items, in order. */
    static final class Many<T> implements Take.Collector<List<T>> {
        private final Function<QueueCore, T> reader;
        private final List<T> values = new ArrayList<>();

        Many(Function<QueueCore, T> reader) {
            this.reader = reader;
        }

        @Override
        public void add(QueueCore found) {
            values.add(reader.apply(found));
        }

        @Override
        public List<T> answer() {
            return values;
        }
    }
}
