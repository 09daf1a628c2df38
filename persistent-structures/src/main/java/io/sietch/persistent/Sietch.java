package io.sietch.persistent;

import io.sietch.vsa.AreaInfo;
import io.sietch.vsa.AreaSpec;
import io.sietch.vsa.ControlPlane;
import io.sietch.vsa.GrowthPolicy;
import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.MappedFileMedia;
import io.sietch.vsic.ParkWaiter;
import io.sietch.vsic.PollerThread;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The door to persistent structures: a device file, its control plane, and a thread that runs them.
 *
 * {@snippet :
 * try (Sietch sietch = Sietch.open(Path.of("data"))) {
 *     PersistentLog log = sietch.log("orders");
 *     long position = log.appendAndWait("one flat white".getBytes(UTF_8)); // durable
 * }
 * }
 *
 * <p>Threads: all methods from any thread but the runner's own (that of callbacks). File I/O runs on threads of this
 * class, so an interrupt of a caller closes nothing.
 */
public final class Sietch implements AutoCloseable {
    /** The name of the device file in a directory. */
    public static final String FILE_NAME = "sietch.vsa";

    private static final long GROWTH_STEP_MIN = 16L << 20;
    private static final long GROWTH_STEP_MAX = 128L << 20;

    /** What the device grows by is a multiple of this. */
    private static final long GROWTH_UNIT = 1L << 20;

    private final SietchOptions options;
    private final MappedFileMedia media;
    private final StorageController controller;
    private final ControlPlane controlPlane;
    private final Waiter waiter;
    private final SietchRunner runner;
    private final PollerThread thread;
    private final LogRunner logRunner;
    private final Map<String, Open> structures = new HashMap<>();
    private boolean closed;

    /** A structure that was opened: as its users see it, and as this class does. */
    private record Open(AutoCloseable face, Hosted hosted) {
        <F> F as(Class<F> type) throws LogFormatException {
            if (!type.isInstance(face)) {
                throw new LogFormatException("\"" + hosted.name() + "\" is open as a "
                        + face.getClass().getSimpleName() + " and cannot be a " + type.getSimpleName());
            }
            return type.cast(face);
        }
    }

    /** Makes a structure of the area that was opened for it. */
    @FunctionalInterface
    private interface Opener {
        Open open(Vsic vsic, Vsa area) throws IOException;
    }

    /** Something to do with the control plane. */
    @FunctionalInterface
    public interface ControlCall<T> {
        T run(ControlPlane controlPlane) throws IOException;
    }

    private Sietch(
            SietchOptions options,
            MappedFileMedia media,
            SietchRunner runner,
            PollerThread thread,
            Waiter waiter,
            ControlPlane controlPlane) {
        this.options = options;
        this.media = media;
        this.controller = runner.controller();
        this.controlPlane = controlPlane;
        this.waiter = waiter;
        this.runner = runner;
        this.thread = thread;
        this.logRunner = new ThreadRunner(thread, controller);
    }

    /** Opens a device with the default options, or creates it. */
    public static Sietch open(Path path) throws IOException {
        return open(path, SietchOptions.DEFAULTS);
    }

    /**
     * Opens a device, or creates it.
     *
     * @param path the device file; or a directory (which is made if there is none) that holds it under the name
     *     {@value #FILE_NAME}. A path to nothing is a device file if it ends in ".vsa"
     * @throws io.sietch.vsic.MediaException if the file cannot be opened or made, or is in use
     * @throws io.sietch.vsa.ControlPlaneException if it is no device, of an unknown version, or damaged
     */
    public static Sietch open(Path path, SietchOptions options) throws IOException {
        Path file = fileAt(path);
        return OwnThread.run("sietch-open", () -> open(openMedia(file, options), options));
    }

    private static Path fileAt(Path path) throws IOException {
        if (Files.isRegularFile(path)
                || !Files.isDirectory(path) && path.toString().endsWith(".vsa")) {
            return path;
        }
        Files.createDirectories(path);
        return path.resolve(FILE_NAME);
    }

    private static MappedFileMedia openMedia(Path file, SietchOptions options) throws IOException {
        return Files.exists(file)
                ? MappedFileMedia.open(file, options.media())
                : MappedFileMedia.create(file, options.deviceBytes(), options.media(), ControlPlane::format);
    }

    private static Sietch open(MappedFileMedia media, SietchOptions options) throws IOException {
        Waiter waiter = new ParkWaiter(options.spinNanos());
        ControllerOptions controllerOptions =
                ControllerOptions.DEFAULTS.withFlushing(options.flushing()).withWaiter(waiter);
        StorageController controller = new StorageController(media, controllerOptions);
        SietchRunner runner = new SietchRunner(controller);
        PollerThread thread = PollerThread.start("sietch", runner, waiter);
        try {
            // Queues belong to the thread that first used them, so the runner's own thread opens.
            ControlPlane controlPlane = new ThreadRunner(thread, controller)
                    .call(() -> ControlPlane.open(controller, waiter, GrowthPolicy.upTo(options.maxDeviceBytes())));
            return new Sietch(options, media, runner, thread, waiter, controlPlane);
        } catch (IOException | RuntimeException e) {
            thread.close();
            controller.close();
            media.close();
            throw e;
        }
    }

    // ---- structures ---------------------------------------------------------------------------------------------

    /** Opens a log, or creates it, with the default options. The same log while it is open. */
    public PersistentLog log(String name) throws IOException {
        return log(name, options.log());
    }

    /**
     * Opens a log, or creates it.
     *
     * @param name of its area on the device
     * @param logOptions for a log that is open already, these are not looked at
     * @throws LogFormatException if the area holds something else
     */
    public synchronized PersistentLog log(String name, LogOptions logOptions) throws IOException {
        Open known = known(name);
        if (known == null) {
            known = open(name, logOptions, 2, (vsic, area) -> {
                LogCore core = LogCore.open(vsic, area, controller, waiter, logOptions);
                PersistentLog log = new PersistentLog(
                        name, core, logRunner, options, this::growOnOwnThread, () -> detach(area, vsic));
                return new Open(log, log.hosted());
            });
        }
        return known.as(PersistentLog.class);
    }

    /** Opens a queue, or creates it, with the default options. The same queue while it is open. */
    public <E> PersistentQueue<E> queue(String name, Codec<E> codec) throws IOException {
        return queue(name, codec, QueueOptions.DEFAULTS, options.log());
    }

    /**
     * Opens a queue, or creates it.
     *
     * @param name of its area on the device
     * @param codec of its values
     * @param queueOptions for a queue that is open already, these and the next are not looked at
     * @param logOptions of the log that it is made of
     * @throws LogFormatException if the area holds something else
     * @throws IllegalStateException if it is open already with another codec
     */
    public synchronized <E> PersistentQueue<E> queue(
            String name, Codec<E> codec, QueueOptions queueOptions, LogOptions logOptions) throws IOException {
        Open known = known(name);
        if (known == null) {
            known = open(name, logOptions, QueueCore.SEGMENTS_MIN, (vsic, area) -> {
                QueueCore core = QueueCore.open(vsic, area, controller, waiter, logOptions, queueOptions);
                PersistentQueue<E> queue = new PersistentQueue<>(
                        name, codec, core, logRunner, options, this::growOnOwnThread, () -> detach(area, vsic));
                return new Open(queue, queue.hosted());
            });
        }
        PersistentQueue<?> queue = known.as(PersistentQueue.class);
        return queue.withCodec(codec);
    }

    /** Opens a table, or creates it, with the default options. The same table while it is open. */
    public <K, V> PersistentTable<K, V> table(String name, Codec<K> keys, Codec<V> values) throws IOException {
        return table(name, keys, values, TableOptions.DEFAULTS, options.log().withCheck(LogCheck.TAIL));
    }

    /**
     * Opens a table, or creates it.
     *
     * @param name of its area on the device
     * @param keys makes bytes of keys: equal keys must give equal bytes
     * @param values makes bytes of values
     * @param tableOptions for a table that is open already, these and the next are not looked at
     * @param logOptions of the log that it is made of
     * @throws LogFormatException if the area holds something else, or is damaged
     * @throws IllegalStateException if it is open already with other codecs
     */
    public synchronized <K, V> PersistentTable<K, V> table(
            String name, Codec<K> keys, Codec<V> values, TableOptions tableOptions, LogOptions logOptions)
            throws IOException {
        Open known = known(name);
        if (known == null) {
            known = open(name, logOptions, TableCore.MIN_SEGMENTS, (vsic, area) -> {
                LogCore core = LogCore.open(vsic, area, controller, waiter, logOptions);
                TableCore table = TableCore.open(core, tableOptions);
                PersistentLog log = new PersistentLog(
                        name,
                        core,
                        new TableRequests(table),
                        logRunner,
                        options,
                        this::growOnOwnThread,
                        () -> detach(area, vsic));
                return new Open(new PersistentTable<>(table, log, logRunner, keys, values), log.hosted());
            });
        }
        PersistentTable<?, ?> table = known.as(PersistentTable.class);
        return table.withCodecs(keys, values);
    }

    private @Nullable Open known(String name) {
        requireOpen();
        Open known = structures.get(name);
        return known == null || known.hosted.isClosed() ? null : known;
    }

    private Open open(String name, LogOptions logOptions, int minSegments, Opener opener) throws IOException {
        if (control(plane -> plane.find(name)).isEmpty()) {
            createArea(name, logOptions, minSegments);
        }
        Open opened = logRunner.call(() -> {
            Vsic vsic = controller.createVsic(name, VsicOptions.DEFAULTS);
            Vsa area = controlPlane.open(name, vsic, Rights.READ_WRITE);
            try {
                Open structure = opener.open(vsic, area);
                runner.add(structure.hosted);
                return structure;
            } catch (IOException | RuntimeException e) {
                detach(area, vsic);
                throw e;
            }
        });
        structures.put(name, opened);
        return opened;
    }

    private void createArea(String name, LogOptions logOptions, int minSegments) throws IOException {
        long segmentBytes = logOptions.segmentBytes() == 0
                ? LogGeometry.defaultSegmentBytes(options.logBytes())
                : logOptions.segmentBytes();
        long segments = Math.max(minSegments, Math.ceilDiv(options.logBytes(), segmentBytes));
        provide(segments * segmentBytes);
        control(plane -> plane.create(name, AreaSpec.of(segments * segmentBytes, segmentBytes)));
    }

    private void detach(Vsa area, Vsic vsic) {
        controlPlane.revoke(area);
        controller.release(vsic);
    }

    /**
     * Gives a log more room while it is in use.
     *
     * @param bytes the new size of its area, rounded up to whole segments
     * @throws IOException if the device cannot give so much
     */
    public void grow(PersistentLog log, long bytes) throws IOException {
        grow(log.hosted(), bytes);
    }

    /** As {@link #grow(PersistentLog, long)}, for a queue. */
    public void grow(PersistentQueue<?> queue, long bytes) throws IOException {
        grow(queue.hosted(), bytes);
    }

    /** As {@link #grow(PersistentLog, long)}, for a table. */
    public void grow(PersistentTable<?, ?> table, long bytes) throws IOException {
        grow(table.hosted(), bytes);
    }

    private synchronized void grow(Hosted structure, long bytes) throws IOException {
        requireOpen();
        AreaInfo area = control(plane -> plane.find(structure.name())).orElseThrow();
        long size = Math.ceilDiv(bytes, area.granule()) * area.granule();
        if (size <= area.size()) {
            return;
        }
        provide(size - area.size());
        logRunner.call(() -> {
            controlPlane.resize(structure.name(), size);
            structure.log().extend();
            return true;
        });
    }

    /** Lets the device grow by what is missing, off the loop: filling it with zeros takes its time. */
    private void provide(long bytes) throws IOException {
        long missing = bytes - control(ControlPlane::freeBytes);
        if (missing <= 0) {
            return;
        }
        long size = Math.min(options.maxDeviceBytes(), Math.ceilDiv(media.size() + missing, GROWTH_UNIT) * GROWTH_UNIT);
        if (size > media.size()) {
            OwnThread.run("sietch-grow", () -> {
                media.grow(size);
                return true;
            });
            control(plane -> {
                plane.adoptGrowth();
                return true;
            });
        }
    }

    /**
     * For a structure that runs full: makes it larger by a sixteenth, within 16 to 128 MiB. The new room can be used
     * when all of it is zero, so in small steps there is some sooner, and less that is not needed in the end.
     */
    private void growOnOwnThread(Hosted structure, long wantedBytes, LogGrowth.Outcome outcome) {
        Thread.ofPlatform().daemon().name("sietch-grow").start(() -> {
            IOException failure = null;
            try {
                AreaInfo area = control(plane -> plane.find(structure.name())).orElseThrow();
                long size = area.size();
                long step = Math.clamp(size / 16, GROWTH_STEP_MIN, GROWTH_STEP_MAX);
                long most = wantedBytes - wantedBytes % area.granule();
                long useful = Math.clamp(most, size + area.granule(), size + Math.max(step, area.granule()));
                long wanted = Math.min(options.maxLogBytes(), useful);
                if (wanted <= size) {
                    throw new IOException("it may have " + options.maxLogBytes() + " bytes, and has " + size);
                }
                grow(structure, wanted);
            } catch (IOException e) {
                failure = e;
            } catch (RuntimeException e) {
                failure = new IOException("growing failed: " + e, e);
            } finally {
                outcome.grown(failure);
                thread.wake();
            }
        });
    }

    // ---- the device ---------------------------------------------------------------------------------------------

    /** Runs something on the control plane, on its thread. */
    public <T> T control(ControlCall<T> call) throws IOException {
        return logRunner.call(() -> call.run(controlPlane));
    }

    /** The areas on the device, by name. */
    public List<AreaInfo> areas() throws IOException {
        return control(ControlPlane::list);
    }

    /** The area with this name. */
    public Optional<AreaInfo> area(String name) throws IOException {
        return control(plane -> plane.find(name));
    }

    /** The medium and its write path in a few words, for start-up lines. */
    public String medium() {
        return media.characteristics().kind();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(media + " was closed");
        }
    }

    /**
     * Closes all structures, after making durable what was appended, and the device.
     *
     * @throws LogFailedException if what was appended could not be made durable
     */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        IOException failure = null;
        for (Open structure : structures.values()) {
            failure = closing(structure.face, failure);
        }
        thread.close();
        controller.close();
        failure = closing(this::closeMedia, failure);
        if (failure != null) {
            throw failure;
        }
    }

    private void closeMedia() throws IOException {
        OwnThread.run("sietch-close", () -> {
            media.close();
            return true;
        });
    }

    private static @Nullable IOException closing(AutoCloseable resource, @Nullable IOException before) {
        try {
            resource.close();
        } catch (Exception e) {
            IOException failure = e instanceof IOException io ? io : new IOException("closing failed: " + e, e);
            if (before == null) {
                return failure;
            }
            before.addSuppressed(failure);
        }
        return before;
    }
}
