package io.sietch.crash;

import io.sietch.vsa.AreaInfo;
import io.sietch.vsa.AreaSpec;
import io.sietch.vsa.ControlPlane;
import io.sietch.vsa.ControlPlaneException;
import io.sietch.vsa.GrowthPolicy;
import io.sietch.vsic.BlockingIo;
import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.Rights;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The control plane on a device that was formatted before its first life. Its operations are words: {@code create a 2},
 * {@code resize a 5}, {@code rename a b}, {@code delete a}, sizes in units.
 */
final class ControlPlaneSubject implements CrashSubject<ControlPlaneSubject.Found, String> {
    static final int UNIT = 4096;

    /** Room for the catalogue and eight units at first, and for 64 more. */
    static final long SIZE = (1 << 20) + 8 * UNIT;

    static final long MAX_SIZE = SIZE + 64 * UNIT;

    static final String CATALOGUE_ONLY = "catalogue";

    /** The first word of what an area's owner writes, with the area's id in the low half. */
    private static final long PATTERN = 0x5eed_a9ea_0000_0000L;

    private static final long PATTERN_MASK = 0xffff_ffff_0000_0000L;

    /** Sizes by name, ids by name, and whether there was nothing, so that the device was formatted. */
    record Found(TreeMap<String, Long> sizes, TreeMap<String, Long> ids, boolean formatted) {}

    private final List<String> lines;
    private final boolean catalogueOnly;
    private @Nullable ControlPlane plane;

    private @Nullable Vsic owner;
    private boolean formatted;
    private boolean spaceWasGivenBack;

    /**
     * @param lines operations; {@link #CATALOGUE_ONLY} before them if areas stay empty, as nobody but their owners can
     *     tell what is right in them, and if nothing is formatted again, as there is damage and no power loss
     */
    ControlPlaneSubject(List<String> lines) {
        this.catalogueOnly = lines.getFirst().equals(CATALOGUE_ONLY);
        this.lines = catalogueOnly ? lines.subList(1, lines.size()) : lines;
    }

    /** A subject with its lines in one string, parted by commas. */
    ControlPlaneSubject(String lines) {
        this(List.of(lines.split(",")));
    }

    @Override
    public Found open(Life<String> life) throws IOException {
        if (life.number() == 0) {
            format(life);
        }
        ControlPlane opened = openOrFormat(life);
        plane = opened;
        spaceWasGivenBack = life.number() > 0;
        owner = life.controller().createVsic("owner", VsicOptions.DEFAULTS);
        return found(life, opened);
    }

    private void format(Life<String> life) throws IOException {
        int number = life.attempt("format");
        try {
            ControlPlane.format(life.media(), UNIT);
        } catch (InternalError e) {
            // Formatting calls the medium itself, and the fault is the medium's.
            throw new IOException(e);
        }
        life.acknowledge(number);
    }

    private ControlPlane openOrFormat(Life<String> life) throws IOException {
        GrowthPolicy growth = new GrowthPolicy(MAX_SIZE, 4 * UNIT);
        try {
            return ControlPlane.open(life.controller(), life.time(), growth);
        } catch (ControlPlaneException e) {
            boolean blank = e.reason() == ControlPlaneException.Reason.NOT_A_DEVICE
                    || e.reason() == ControlPlaneException.Reason.CATALOGUE_DAMAGED;
            if (!blank || catalogueOnly || life.media().faultsStruck() > 0) {
                throw e;
            }
            // The power went during formatting, one may think: the remedy is to format again. If it went later, the
            // oracle will miss what was there.
            formatted = true;
            format(life);
            return ControlPlane.open(life.controller(), life.time(), growth);
        }
    }

    private Found found(Life<String> life, ControlPlane opened) throws IOException {
        TreeMap<String, Long> sizes = new TreeMap<>();
        TreeMap<String, Long> ids = new TreeMap<>();
        long bytes = 0;
        for (AreaInfo area : opened.list()) {
            sizes.put(area.name(), area.size());
            ids.put(area.name(), area.id());
            bytes += area.size();
            checkContent(life, opened, area);
        }
        long used = opened.totalBytes() - opened.freeBytes();
        require(used == bytes, "A2: areas have " + bytes + " bytes, and " + used + " are not free");
        require(ids.values().stream().distinct().count() == ids.size(), "A1: two areas have one id: " + ids);
        return new Found(sizes, ids, formatted);
    }

    /** Nobody reads what another area's owner wrote. */
    private void checkContent(Life<String> life, ControlPlane opened, AreaInfo info) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            DmaBuffer buffer = DmaBuffer.allocate((int) info.size(), UNIT, arena);
            Vsa area = opened.open(info.name(), itsOwner(), Rights.READ_ONLY);
            new BlockingIo(itsOwner(), life.controller(), life.time()).read(area, 0, buffer, 0, buffer.size());
            opened.revoke(area);
            for (int at = 0; at < buffer.size(); at += Long.BYTES) {
                long word = buffer.segment().get(ValueLayout.JAVA_LONG, at);
                if ((word & PATTERN_MASK) == PATTERN && word != PATTERN + info.id()) {
                    throw new AssertionError("A3: area \"" + info.name() + "\" with id " + info.id() + " shows at " + at
                            + " what was written to the one with id " + (word & ~PATTERN_MASK));
                }
            }
        }
    }

    /** The owner uses what it was given, without asking that anything be durable. */
    private void fill(Life<String> life, ControlPlane opened, AreaInfo info) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            DmaBuffer buffer = DmaBuffer.allocate((int) info.size(), UNIT, arena);
            for (int at = 0; at < buffer.size(); at += Long.BYTES) {
                buffer.segment().set(ValueLayout.JAVA_LONG, at, PATTERN + info.id());
            }
            Vsa area = opened.open(info.name(), itsOwner(), Rights.READ_WRITE);
            new BlockingIo(itsOwner(), life.controller(), life.time()).write(area, 0, buffer, 0, buffer.size());
            opened.revoke(area);
        }
    }

    private Vsic itsOwner() {
        return Objects.requireNonNull(owner);
    }

    @Override
    public void work(Life<String> life) throws IOException {
        ControlPlane opened = Objects.requireNonNull(plane);
        for (String line : lines) {
            int number = life.attempt(line);
            AreaInfo changed = null;
            try {
                changed = run(opened, line.split(" "));
                spaceWasGivenBack |= !line.startsWith("create") && !line.startsWith("rename");
                life.acknowledge(number);
            } catch (ControlPlaneException e) {
                if (e.reason() != ControlPlaneException.Reason.NO_SPACE) {
                    throw e;
                }
                // The area is as it was, it says.
                life.withdraw(number);
            } catch (IOException e) {
                // If the space could not be made zero, that came before any change of the catalogue.
                if (!spaceWasGivenBack) {
                    requireRefusal(opened);
                }
                throw e;
            }
            if (changed != null && !catalogueOnly) {
                fill(life, opened, changed);
            }
        }
    }

    /** After a change that failed the device takes no other. */
    private static void requireRefusal(ControlPlane opened) {
        try {
            opened.quota("nobody", ControlPlane.NO_QUOTA);
        } catch (ControlPlaneException e) {
            require(e.reason() == ControlPlaneException.Reason.FAILED, "after a failure: " + e.getMessage());
            return;
        } catch (IOException e) {
            throw new AssertionError("after a change that failed the control plane tries another", e);
        }
        throw new AssertionError("after a change that failed the control plane makes another");
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }

    /** Returns the area that was made or resized. */
    private static @Nullable AreaInfo run(ControlPlane plane, String[] words) throws IOException {
        try {
            switch (words[0]) {
                case "create" -> {
                    return plane.create(words[1], AreaSpec.of(bytes(words), UNIT));
                }
                case "resize" -> {
                    return plane.resize(words[1], bytes(words));
                }
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
        return null;
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
            case "format" -> after.clear();
            default -> throw new IllegalArgumentException(line);
        }
        return after;
    }

    /** Every operation has happened or has not, and it has if it returned (A1 to A3 were checked when it was found). */
    @Override
    public void check(Found before, List<Deed<String>> deeds, Found after) {
        boolean wasFormatted = deeds.stream().noneMatch(deed -> deed.operation().equals("format"))
                || deeds.stream().anyMatch(deed -> deed.operation().equals("format") && deed.acknowledged());
        require(!after.formatted || !wasFormatted, "the device is gone");
        Prefixes.check(before.sizes, deeds, after.sizes, ControlPlaneSubject::apply);
    }

    @Override
    public void checkSecondRecovery(Found once, Found twice) {
        boolean refused = twice.formatted && !once.formatted;
        if (!once.sizes.equals(twice.sizes) || !once.ids.equals(twice.ids) || refused) {
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
