package io.sietch.persistent.tool;

import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogCorruptException;
import io.sietch.persistent.LogCursor;
import io.sietch.persistent.LogTail;
import io.sietch.vsa.AreaInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a walk over all records of an area's log found, each with its checksum verified.
 *
 * @param kind what the records are: "log", "queue", "table", or "empty"
 * @param damage what is wrong, or null
 */
record LogReport(
        AreaInfo area,
        String kind,
        long head,
        long end,
        long records,
        long payloadBytes,
        long freeBytes,
        @Nullable String damage) {
    /** Walks over the log in an area. What cannot even be opened is a report, too. */
    static LogReport of(Device device, AreaInfo area, LongConsumer progress) {
        LogCore log;
        try {
            log = device.reading(area);
        } catch (IOException | RuntimeException e) {
            return new LogReport(area, "unreadable", 0, 0, 0, 0, 0, String.valueOf(e.getMessage()));
        }
        try (log) {
            return walk(log, area, progress);
        } catch (IOException e) {
            return new LogReport(area, "unreadable", 0, 0, 0, 0, 0, String.valueOf(e.getMessage()));
        }
    }

    private static LogReport walk(LogCore log, AreaInfo area, LongConsumer progress) {
        String damage = log.tail() instanceof LogTail.Corrupt corrupt ? corrupt.detail() : null;
        String kind = "empty";
        long records = 0;
        long bytes = 0;
        LogCursor cursor = log.cursor(log.head());
        try {
            while (cursor.next()) {
                kind = records == 0 ? kind(cursor) : kind;
                records++;
                bytes += cursor.length();
                progress.accept(cursor.end() - log.head());
            }
        } catch (LogCorruptException e) {
            damage = e.getMessage();
        }
        return new LogReport(area, kind, log.head(), log.durable(), records, bytes, log.freeBytes(), damage);
    }

    /** What the records of a log are, by the first bytes of one. */
    static String kind(LogCursor cursor) {
        int length = Math.min(7, cursor.length());
        MemorySegment start = cursor.segment().asSlice(cursor.offset(), length);
        String magic = new String(start.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        if (magic.matches("(?s)SQ[IMA]\\d.*")) {
            return "queue";
        }
        return magic.equals("SIETTAB") ? "table" : "log";
    }

    Map<String, Object> asMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", area.name());
        map.put("kind", kind);
        map.put("sound", damage == null);
        map.put("size", area.size());
        map.put("segment", area.granule());
        map.put("extents", area.extents());
        map.put("head", head);
        map.put("end", end);
        map.put("records", records);
        map.put("payloadBytes", payloadBytes);
        map.put("freeBytes", freeBytes);
        if (damage != null) {
            map.put("damage", damage);
        }
        return map;
    }
}
