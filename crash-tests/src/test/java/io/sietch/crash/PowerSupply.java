package io.sietch.crash;

import io.sietch.vsic.LatencyModel;

/** A device on virtual time whose power goes now and then, for tests that are too long to explore. */
public final class PowerSupply {
    private final VirtualTime time = new VirtualTime();
    private final LatencyModel latency;
    private final CrashModel model;
    private CrashMedia media;

    public PowerSupply(CrashGeometry geometry, LatencyModel latency, CrashModel model) {
        this.latency = latency;
        this.model = model;
        this.media = new CrashMedia(geometry, latency, time);
    }

    public VirtualTime time() {
        return time;
    }

    /** The medium since the last power cut. */
    public CrashMedia media() {
        return media;
    }

    /** The power goes; a flush that is still under way has done nothing. */
    public void cut(Choices choices) {
        int events = media.events();
        if (events > 0 && media.event(events - 1).isFlush()) {
            boolean underWay = media.event(events - 1).nanos() + latency.flushNanos() > time.nanoTime();
            events -= underWay ? 1 : 0;
        }
        CrashImage image = media.crash(events, model, choices);
        media = new CrashMedia(image.geometry(), latency, time, image, new SectorMemory(image.geometry()));
    }
}
