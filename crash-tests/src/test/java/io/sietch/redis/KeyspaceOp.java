package io.sietch.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.NullMarked;

/** A request in words, and what it does to a model of the keyspace. */
@NullMarked
record KeyspaceOp(long now, List<String> words) {
    static KeyspaceOp of(long now, String line) {
        return new KeyspaceOp(now, List.of(line.split(" ")));
    }

    private String word(int i) {
        return words.get(i);
    }

    /** The keys that it reads or writes; empty stands for all. */
    List<String> keys() {
        return switch (word(0)) {
            case "FLUSHALL" -> List.of();
            case "RENAME" -> words.subList(1, 3);
            case "DEL" -> words.subList(1, words.size());
            case "MSET" -> {
                List<String> keys = new ArrayList<>();
                for (int i = 1; i < words.size(); i += 2) {
                    keys.add(word(i));
                }
                yield keys;
            }
            default -> words.subList(1, 2);
        };
    }

    boolean touches(KeyspaceOp other) {
        List<String> mine = keys();
        List<String> others = other.keys();
        return mine.isEmpty() || others.isEmpty() || mine.stream().anyMatch(others::contains);
    }

    /** What it makes of the data: the semantics of Redis, written a second time. */
    KeyspaceState apply(KeyspaceState before) {
        TreeMap<String, KeyspaceState.Value> data = new TreeMap<>(before.at(now).data());
        String key = words.size() > 1 ? word(1) : "";
        KeyspaceState.Value old = data.get(key);
        switch (word(0)) {
            case "SET" ->
                data.put(key, new KeyspaceState.Value(word(2), words.size() > 3 ? now + Long.parseLong(word(4)) : -1));
            case "MSET" -> {
                for (int i = 1; i < words.size(); i += 2) {
                    data.put(word(i), new KeyspaceState.Value(word(i + 1), -1));
                }
            }
            case "DEL" -> words.subList(1, words.size()).forEach(data::remove);
            case "INCR" ->
                data.put(
                        key,
                        old == null
                                ? new KeyspaceState.Value("1", -1)
                                : new KeyspaceState.Value("" + (Long.parseLong(old.text()) + 1), old.expireAt()));
            case "APPEND" ->
                data.put(
                        key,
                        old == null
                                ? new KeyspaceState.Value(word(2), -1)
                                : new KeyspaceState.Value(old.text() + word(2), old.expireAt()));
            case "PEXPIREAT" -> {
                if (old != null) {
                    data.put(key, new KeyspaceState.Value(old.text(), Long.parseLong(word(2))));
                }
            }
            case "PERSIST" -> {
                if (old != null) {
                    data.put(key, new KeyspaceState.Value(old.text(), -1));
                }
            }
            case "RENAME" -> {
                if (old != null) {
                    data.remove(key);
                    data.put(word(2), old);
                }
            }
            case "FLUSHALL" -> data.clear();
            case "GET" -> {}
            default -> throw new IllegalArgumentException("the model does not know " + this);
        }
        return new KeyspaceState(now, data).at(now);
    }
}
