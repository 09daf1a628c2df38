package io.sietch.redis;

import io.sietch.persistent.LogCheck;
import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogCorruptException;
import io.sietch.persistent.LogOptions;
import io.sietch.persistent.LogTail;
import io.sietch.vsa.AreaSpec;
import io.sietch.vsa.ControlPlane;
import io.sietch.vsa.GrowthPolicy;
import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.MappedFileMedia;
import io.sietch.vsic.MappedFileOptions;
import io.sietch.vsic.Media;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The server's device file with its one area, and the log in it. One thread, that of the reactor. */
final class Storage implements AutoCloseable {
    /** The name of the device file in the data directory. */
    static final String FILE = "redis-lite.sietch";

    private static final String AREA = "redis-lite";

    /** A log needs two segments; with fewer free it could not take the longest record. */
    private static final int FIRST_SEGMENTS = 2;

    /** With fewer, too much of the log would have to be kept free for cleaning it. */
    private static final int LEAST_SEGMENTS = 16;

    private final Media media;
    private final String name;
    private final StorageController controller;
    private final ControlPlane control;
    private final LogCore log;
    private final LogJournal journal;
    private final int segmentBytes;
    private final long checkpointInterval;

    private Storage(
            Media media,
            String name,
            StorageController controller,
            ControlPlane control,
            LogCore log,
            ServerConfig config,
            int segmentBytes) {
        this.media = media;
        this.name = name;
        this.controller = controller;
        this.control = control;
        this.log = log;
        this.journal = new LogJournal(log, controller);
        this.segmentBytes = segmentBytes;
        this.checkpointInterval = config.checkpointInterval();
    }

    /** Opens the device file of the data directory, or makes it. */
    static Storage openFile(ServerConfig config, Waiter waiter) throws IOException {
        Path directory = config.dir().toAbsolutePath().normalize();
        Files.createDirectories(directory);
        Path file = directory.resolve(FILE);
        MappedFileOptions options = MappedFileOptions.forFile(file).withWritePath(config.mediumPath());
        Media media;
        if (Files.exists(file)) {
            media = MappedFileMedia.open(file, options);
        } else {
            if (config.segmentSize() > config.deviceMaxSize() / LEAST_SEGMENTS) {
                throw new IOException("log-segment-size is " + config.segmentSize() + " bytes and device-max-size "
                        + config.deviceMaxSize() + ": a log needs room for " + LEAST_SEGMENTS
                        + " segments to be cleaned; set a smaller log-segment-size or a larger device-max-size");
            }
            long least = ControlPlane.minimumBytes(ControlPlane.DEFAULT_UNIT_BYTES)
                    + FIRST_SEGMENTS * (long) config.segmentSize();
            media = MappedFileMedia.create(file, Math.max(least, config.deviceSize()), options, ControlPlane::format);
        }
        try {
            return open(media, file.toString(), config, ControllerOptions.DEFAULTS.withWaiter(waiter));
        } catch (IOException | RuntimeException e) {
            media.close();
            throw e;
        }
    }

    /** Opens a device that holds a catalogue. It is closed with this storage, unless this fails. */
    static Storage open(Media media, String name, ServerConfig config, ControllerOptions options) throws IOException {
        Waiter waiter = options.waiter();
        StorageController controller = new StorageController(media, options);
        try {
            ControlPlane control = ControlPlane.open(controller, waiter, GrowthPolicy.NEVER);
            if (control.find(AREA).isEmpty()) {
                control.adoptGrowth();
                long size = control.freeBytes() / config.segmentSize() * config.segmentSize();
                control.create(AREA, AreaSpec.of(size, config.segmentSize()));
            }
            long granule = control.find(AREA).orElseThrow().granule();
            Vsic vsic = controller.createVsic(AREA, VsicOptions.DEFAULTS);
            Vsa area = control.open(AREA, vsic, Rights.READ_WRITE);
            LogOptions logOptions =
                    LogOptions.DEFAULTS.withSegmentBytes((int) granule).withCheck(LogCheck.TAIL);
            LogCore log = LogCore.open(vsic, area, controller, waiter, logOptions);
            Storage storage = new Storage(media, name, controller, control, log, config, (int) granule);
            storage.refuseDamage();
            // Only now: a damaged device is left as it is. A growth that was under way at the last end is used here.
            storage.useGrowth();
            return storage;
        } catch (IOException | RuntimeException e) {
            controller.close();
            throw e;
        }
    }

    private void refuseDamage() throws IOException {
        if (log.tail() instanceof LogTail.Corrupt corrupt) {
            log.close();
            throw new IOException(name + " is damaged at log position " + corrupt.position()
                    + ", before position " + corrupt.provenTo() + " up to which data had been acknowledged: "
                    + corrupt.detail() + "; nothing was changed: restore it from a backup");
        }
    }

    /**
     * Brings what the log holds to the keyspace, which is empty.
     *
     * @throws IOException if there is something that cannot be understood, or is damaged
     */
    Recovery.Recovered recover(Keyspace keyspace) throws IOException {
        try {
            return Recovery.run(log, keyspace);
        } catch (EffectException e) {
            throw new IOException(
                    name + " holds a record that this version does not understand: " + e.getMessage()
                            + "; use the version that wrote it, or restore a backup",
                    e);
        } catch (LogCorruptException e) {
            throw new IOException(name + " is damaged: " + e.getMessage() + "; restore it from a backup", e);
        }
    }

    /** How many bytes are appended at least before the keyspace's index is copied into the log again. */
    long checkpointInterval() {
        return checkpointInterval;
    }

    LogTail tail() {
        return log.tail();
    }

    LogJournal journal() {
        return journal;
    }

    Media media() {
        return media;
    }

    String name() {
        return name;
    }

    /** Bytes of the log's area. */
    long areaBytes() {
        return control.find(AREA).orElseThrow().size();
    }

    int segmentBytes() {
        return segmentBytes;
    }

    /** Gives the log all that the medium has grown by. */
    void useGrowth() throws IOException {
        control.adoptGrowth();
        long more = control.freeBytes() / segmentBytes * segmentBytes;
        if (more > 0) {
            control.resize(AREA, areaBytes() + more);
            log.extend();
        }
    }

    /** Closes the log cleanly: everything appended is durable then. */
    @Override
    public void close() throws IOException {
        try {
            log.close();
        } finally {
            controller.close();
            media.close();
        }
    }
}
