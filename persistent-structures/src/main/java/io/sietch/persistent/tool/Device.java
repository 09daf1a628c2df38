package io.sietch.persistent.tool;

import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogOptions;
import io.sietch.persistent.Sietch;
import io.sietch.vsa.AreaInfo;
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
import io.sietch.vsic.WritePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A device that a command works on, on one thread. */
final class Device implements AutoCloseable {
    /** Finding out which way of writing is faster takes longer than most commands. */
    private static final MappedFileOptions MEDIA = MappedFileOptions.DEFAULTS.withWritePath(WritePath.CHANNEL);

    private final MappedFileMedia media;
    private final StorageController controller;
    private final ControlPlane plane;

    private Device(MappedFileMedia media, StorageController controller, ControlPlane plane) {
        this.media = media;
        this.controller = controller;
        this.plane = plane;
    }

    /** Where the device is that a path means: the file, or the one in a directory. */
    static Path file(Path path) {
        return Files.isDirectory(path) ? path.resolve(Sietch.FILE_NAME) : path;
    }

    /** Opens a device to look at it: nothing on it will change. */
    static Device reading(Path path) throws IOException {
        return open(path, true);
    }

    /** Opens a device to change it. */
    static Device writing(Path path) throws IOException {
        return open(path, false);
    }

    private static Device open(Path path, boolean readOnly) throws IOException {
        Path file = file(path);
        if (!Files.exists(file)) {
            throw new IOException("there is no device at " + file + "; \"sietch create\" makes one");
        }
        MappedFileMedia media = MappedFileMedia.open(file, MEDIA);
        try {
            Media seen = readOnly ? new OverlayMedia(media) : media;
            StorageController controller = new StorageController(seen, ControllerOptions.inline(System::nanoTime));
            GrowthPolicy growth = readOnly ? GrowthPolicy.NEVER : GrowthPolicy.upTo(Long.MAX_VALUE / 2);
            return new Device(media, controller, ControlPlane.open(controller, Waiter.BUSY, growth));
        } catch (IOException e) {
            media.close();
            throw new IOException(file + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            media.close();
            throw e;
        }
    }

    /** Makes a device file. */
    static void create(Path file, long bytes) throws IOException {
        MappedFileMedia.create(file, bytes, MEDIA, ControlPlane::format).close();
    }

    ControlPlane plane() {
        return plane;
    }

    Path file() {
        return media.file();
    }

    /** The area with this name. */
    AreaInfo area(String name) throws IOException {
        return plane.find(name)
                .orElseThrow(() -> new IOException("there is no area \"" + name + "\" on " + file() + "; it has "
                        + plane.list().stream().map(AreaInfo::name).toList()));
    }

    /** Lets the device grow until so much is free. */
    void provide(long bytes) throws IOException {
        long missing = bytes - plane.freeBytes();
        if (missing > 0) {
            long step = GrowthPolicy.DEFAULT_STEP_BYTES;
            media.grow(Math.ceilDiv(media.size() + missing, step) * step);
            plane.adoptGrowth();
        }
    }

    /** The log in an area: to be read, or (formatted if need be) to be written. */
    LogCore log(AreaInfo area, Rights rights, LogOptions options) throws IOException {
        Vsic vsic = controller.createVsic(area.name(), VsicOptions.DEFAULTS);
        Vsa opened = plane.open(area.name(), vsic, rights);
        try {
            return LogCore.open(vsic, opened, controller, Waiter.BUSY, options);
        } catch (IOException | RuntimeException e) {
            plane.revoke(opened);
            throw e;
        }
    }

    LogCore reading(AreaInfo area) throws IOException {
        return log(area, Rights.READ_ONLY, LogOptions.DEFAULTS);
    }

    /** Moves a log on until everything is durable. */
    void settle(LogCore log) {
        log.commit();
        while (!log.isFailed() && log.durable() < log.appended()) {
            log.poll();
            controller.poll();
        }
    }

    void poll() {
        controller.poll();
    }

    @Override
    public void close() throws IOException {
        controller.close();
        media.close();
    }
}
