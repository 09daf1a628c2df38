package io.sietch.persistent;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;

/** Payloads are records as they are. */
record PlainRecords(LogCore core) implements LogTenant {
    private static final Logger LOG = System.getLogger(PlainRecords.class.getPackageName());

    @Override
    public long append(MemorySegment payload, long offset, int length) {
        long end = core.claim(length);
        if (end > 0) {
            try {
                MemorySegment.copy(payload, offset, core.claimedSegment(), core.claimedOffset(), length);
            } catch (RuntimeException e) {
                // The caller's memory went away under the copy, which is its own doing.
                LOG.log(Level.WARNING, "the bytes handed to a log cannot be read", e);
                core.abandon();
                return LogCore.FAILED;
            }
            core.publish();
        }
        return end;
    }

    @Override
    public int poll() {
        return 0;
    }

    @Override
    public long completed() {
        return core.durable();
    }
}
