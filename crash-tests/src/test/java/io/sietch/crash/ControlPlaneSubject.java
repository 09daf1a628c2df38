package io.sietch.crash;

import io.sietch.vsa.AreaInfo;
import io.sietch.vsa.AreaSpec;
import io.sietch.vsa.ControlPlane;
import io.sietch.vsa.ControlPlaneException;
import io.sietch.vsa.GrowthPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The control plane on a device that was formatted before its first life. Its operations are words: {@code create a 2},
 * {@code resize a 5}, {@code rename a b}, {@code delete a}, sizes in units.
 */
final class ControlPlaneSubject implements CrashSubject<ControlPlaneSubject.Found, String> {
    static final int UNIT = 4096;

    /** Damaged copies are what is tested here; thousands of warnings of them would hide everything else. */
    private static final Logger QUIET = Logger.getLogger("io.sietch.vsa");

    static {
        QUIET.setLevel(Level.SEVERE);
    }

    /** Sizes by name, ids by name, and what is free. */
    record Found(TreeMap<String, Long> sizes, TreeMap<String, Long> ids, long usedBytes) {}

    private final List<String> lines;
    private @Nullable ControlPlane plane;

    ControlPlaneSubject(List<String> lines) {
        this.lines = lines;
    }

    @Override
    public Found open(Life<String> life) throws IOException {
        if (life.number() == 0) {
            ControlPlane.format(life.media(), UNIT);
        }
        GrowthPolicy growth = new GrowthPolicy(life.media().geometry().maxSize(), 4 * UNIT);
        ControlPlane opened = open(life, growth);
        plane = opened;
        return found(opened);
    }

    private static ControlPlane open(Life<String> life, GrowthPolicy growth) throws IOException {
        try {
            return ControlPlane.open(life.controller(), life.time(), growth);
        } catch (ControlPlaneException e) {
            if (e.reason() != ControlPlaneException.Reason.NOT_A_DEVICE
                    && e.reason() != ControlPlaneException.Reason.CATALOGUE_DAMAGED) {
                throw e;
            }
            // The power went during formatting, one may think: the remedy is to format again. If it went later, the
            // oracle
            // will miss what was there.
            ControlPlane.format(life.media(), UNIT);
            return ControlPlane.open(life.controller(), life.time(), growth);
        }
    }

    private static Found found(ControlPlane plane) {
        TreeMap<String, Long> sizes = new TreeMap<>();
        TreeMap<String, Long> ids = new TreeMap<>();
        long bytes = 0;
        for (AreaInfo area : plane.list()) {
            sizes.put(area.name(), area.size());
            ids.put(area.name(), area.id());
            bytes += area.size();
        }
        long used = plane.totalBytes() - plane.freeBytes();
        if (used != bytes) {
            throw new AssertionError("A2: areas have " + bytes + " bytes, and " + used + " are not free");
        }
        if (ids.values().stream().distinct().count() != ids.size()) {
            throw new AssertionError("A1: two areas have one id: " + ids);
        }
        return new Found(sizes, ids, used);
    }

    @Override
    public void work(Life<String> life) throws IOException {
        for (String line : lines) {
            int number = life.attempt(line);
            run(Objects.requireNonNull(plane), line.split(" "));
            life.acknowledge(number);
        }
    }

    private static void run(ControlPlane plane, String[] words) throws IOException {
        try {
            switch (words[0]) {
                case "create" -> plane.create(words[1], AreaSpec.of(bytes(words), UNIT));
                case "resize" -> plane.resize(words[1], bytes(words));
                case "rename" -> plane.rename(words[1], words[2]);
                case "delete" -> plane.delete(words[1]);
                default -> throw new IllegalArgumentException(words[0]);
            }
        } catch (ControlPlaneException e) {
            // In a second life names may be taken or missing already; the model knows when.
            if (e.reason() != ControlPlaneException.Reason.DUPLICATE_NAME
                    && e.reason() != ControlPlaneException.Reason.UNKNOWN_NAME) {
                throw e;
            }
        }
    }

    private static long bytes(String[] words) {
        return Long.parseLong(words[2]) * UNIT;
    }

    /** What an operation makes of the areas' sizes; nothing if its names do not fit. */
    private static TreeMap<String, Long> apply(TreeMap<String, Long> before, String line) {
        TreeMap<String, Long> after = new TreeMap<>(before);
        String[] words = line.split(" ");
        switch (words[0]) {
            case "create" -> after.putIfAbsent(words[1], bytes(words));
            case "resize" -> after.computeIfPresent(words[1], (name, size) -> bytes(words));
            case "rename" -> {
                if (after.containsKey(words[1]) && !after.containsKey(words[2])) {
                    after.put(words[2], Objects.requireNonNull(after.remove(words[1])));
                }
            }
            case "delete" -> after.remove(words[1]);
            default -> throw new IllegalArgumentException(line);
        }
        return after;
    }

    /** Every operation has happened or has not, and it has if it returned (A1, A2 were checked by {@code found}). */
    @Override
    public void check(Found before, List<Deed<String>> deeds, Found after) {
        Prefixes.check(before.sizes, deeds, after.sizes, ControlPlaneSubject::apply);
    }

    @Override
    public void checkSecondRecovery(Found once, Found twice) {
        if (!once.equals(twice)) {
            throw new AssertionError("a crash inside recovery changed its result: " + once + " to " + twice);
        }
    }

    /** All operations, over few names. */
    static List<String> operations() {
        List<String> all = new ArrayList<>();
        for (String name : List.of("a", "b")) {
            all.addAll(List.of(
                    "create " + name + " 2", "resize " + name + " 5", "resize " + name + " 1", "delete " + name));
        }
        all.add("rename a b");
        return all;
    }
}
