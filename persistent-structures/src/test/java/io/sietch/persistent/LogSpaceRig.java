package io.sietch.persistent;

import io.sietch.vsic.Extent;
import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.util.List;

/** A log of so many segments and its space, of whose records the test says what is alive. */
abstract class LogSpaceRig implements LogSpace.Owner {
    private static final int SEGMENTS_MAX = 40;

    final LogRig rig = new LogRig(new RamMedia((long) SEGMENTS_MAX * LogRig.SEGMENT));
    final LogCore log;
    final LogSpace space;
    long live;
    long owed;

    LogSpaceRig(int segments, long cleanFrom) throws IOException {
        rig.extents = first(segments);
        log = rig.open();
        space = new LogSpace(log, this, cleanFrom);
    }

    static List<Extent> first(int segments) {
        return List.of(new Extent(0, (long) segments * LogRig.SEGMENT));
    }

    @Override
    public long liveBytes() {
        return live;
    }

    @Override
    public long owedBytes() {
        return owed;
    }
}
