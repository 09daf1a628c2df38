package io.sietch.persistent;

import io.sietch.vsic.ControllerOptions.Flushing;
import io.sietch.vsic.MappedFileOptions;

/**
 * How {@link Sietch} is set up.
 *
 * @param deviceBytes size of a new device file; filled with zeros when it is made
 * @param maxDeviceBytes up to which the device file may grow
 * @param logBytes size of a new log's area, rounded up to whole segments, at least two
 * @param maxLogBytes up to which a log that runs full grows by itself
 * @param log options of logs for which none are given
 * @param media how the device file is opened
 * @param flushing where flushes of the medium run. On the runner's thread ({@link Flushing#INLINE}) saves two changes
 *     of threads for each flush, which is what a single waiting appender sees; on a thread of their own they overlap
 *     with the copying of other records
 * @param spinNanos how long the runner, and a waiting appender, look for what they wait for before they sleep: waking a
 *     sleeper costs tens of microseconds
 * @param spinners how many waiting appenders may look at the same time; the others sleep
 * @param ringEntries records handed over and not completed yet, for each log, and requests of each kind, for each
 *     queue: a power of two. When they are all in use, appending and asking wait
 * @param slotBytes payloads up to this length are copied into preallocated room, {@code ringEntries} of them for each
 *     log
 * @param largeBytes copies of longer payloads that are not completed yet, for each log, together
 * @param busyNanos how long appending, or asking a queue, waits for such room
 */
public record SietchOptions(
        long deviceBytes,
        long maxDeviceBytes,
        long logBytes,
        long maxLogBytes,
        LogOptions log,
        MappedFileOptions media,
        Flushing flushing,
        long spinNanos,
        int spinners,
        int ringEntries,
        int slotBytes,
        int largeBytes,
        long busyNanos) {
    /**
     * A device of 64 MiB with logs of 32 MiB that grow as needed. Everybody who waits sleeps: somebody who looks
     * instead saves about 15 us of the median on an idle machine of two cores, and costs the slowest hundredth of the
     * appends half a millisecond, because the threads that the flush needs then wait for a core.
     */
    public static final SietchOptions DEFAULTS = new SietchOptions(
            64L << 20,
            1L << 40,
            32L << 20,
            1L << 40,
            LogOptions.DEFAULTS,
            MappedFileOptions.DEFAULTS,
            Flushing.INLINE,
            0,
            0,
            8192,
            512,
            LogFormat.RECORD_MAX,
            30_000_000_000L);

    public SietchOptions {
        if (deviceBytes <= 0 || logBytes <= 0 || maxLogBytes < 0 || maxDeviceBytes < 0) {
            throw new IllegalArgumentException("device of " + deviceBytes + " to " + maxDeviceBytes
                    + " bytes with logs of " + logBytes + " to " + maxLogBytes);
        }
        if (Integer.bitCount(ringEntries) != 1 || ringEntries < 2 || slotBytes < 0 || largeBytes <= 0) {
            throw new IllegalArgumentException("hand-over of " + ringEntries + " entries (a power of two) with "
                    + slotBytes + " bytes each and " + largeBytes + " bytes for longer records");
        }
        if (spinNanos < 0 || spinners < 0 || busyNanos < 0) {
            throw new IllegalArgumentException(
                    "looking for " + spinNanos + " ns by " + spinners + ", waiting for " + busyNanos + " ns");
        }
    }

    /** Sets the size of a new device file, and up to which it may grow. */
    public SietchOptions withDeviceBytes(long bytes, long maxBytes) {
        return new SietchOptions(
                bytes,
                maxBytes,
                logBytes,
                maxLogBytes,
                log,
                media,
                flushing,
                spinNanos,
                spinners,
                ringEntries,
                slotBytes,
                largeBytes,
                busyNanos);
    }

    /** Sets the size of a new log, and up to which it grows by itself. */
    public SietchOptions withLogBytes(long bytes, long maxBytes) {
        return new SietchOptions(
                deviceBytes,
                maxDeviceBytes,
                bytes,
                maxBytes,
                log,
                media,
                flushing,
                spinNanos,
                spinners,
                ringEntries,
                slotBytes,
                largeBytes,
                busyNanos);
    }

    public SietchOptions withLog(LogOptions newLog) {
        return new SietchOptions(
                deviceBytes,
                maxDeviceBytes,
                logBytes,
                maxLogBytes,
                newLog,
                media,
                flushing,
                spinNanos,
                spinners,
                ringEntries,
                slotBytes,
                largeBytes,
                busyNanos);
    }

    public SietchOptions withMedia(MappedFileOptions newMedia) {
        return new SietchOptions(
                deviceBytes,
                maxDeviceBytes,
                logBytes,
                maxLogBytes,
                log,
                newMedia,
                flushing,
                spinNanos,
                spinners,
                ringEntries,
                slotBytes,
                largeBytes,
                busyNanos);
    }

    public SietchOptions withFlushing(Flushing newFlushing) {
        return new SietchOptions(
                deviceBytes,
                maxDeviceBytes,
                logBytes,
                maxLogBytes,
                log,
                media,
                newFlushing,
                spinNanos,
                spinners,
                ringEntries,
                slotBytes,
                largeBytes,
                busyNanos);
    }

    /** Sets how long, and by how many appenders at once, to look before sleeping. */
    public SietchOptions withSpinning(long nanos, int appenders) {
        return new SietchOptions(
                deviceBytes,
                maxDeviceBytes,
                logBytes,
                maxLogBytes,
                log,
                media,
                flushing,
                nanos,
                appenders,
                ringEntries,
                slotBytes,
                largeBytes,
                busyNanos);
    }

    /** Sets the bounds of what is handed over, and how long to wait for room there. */
    public SietchOptions withHandOver(int entries, int bytesEach, int bytesForLonger, long nanos) {
        return new SietchOptions(
                deviceBytes,
                maxDeviceBytes,
                logBytes,
                maxLogBytes,
                log,
                media,
                flushing,
                spinNanos,
                spinners,
                entries,
                bytesEach,
                bytesForLonger,
                nanos);
    }
}
