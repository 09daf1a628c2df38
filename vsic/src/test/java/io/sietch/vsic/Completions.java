package io.sietch.vsic;

import java.util.ArrayList;
import java.util.List;

/** Remembers completions in order. */
final class Completions implements CompletionHandler {
    record Seen(long tag, Status status) {}

    final List<Seen> seen = new ArrayList<>();

    @Override
    public void completed(long tag, Status status) {
        seen.add(new Seen(tag, status));
    }

    /** All tags in the order of their completion. */
    List<Long> tags() {
        return seen.stream().map(Seen::tag).toList();
    }

    List<Status> statuses() {
        return seen.stream().map(Seen::status).toList();
    }
}
