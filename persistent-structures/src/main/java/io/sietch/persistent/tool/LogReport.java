package io.sietch.persistent.tool;

import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogCorruptException;
import io.sietch.persistent.LogCursor;
import io.sietch.persistent.LogTail;
import io.sietch.persistent.QueueVerifier;
import io.sietch.persistent.TableCore;
import io.sietch.persistent.TableOptions;
import io.sietch.persistent.Verification;
import io.sietch.persistent.Verification.Damage;
import io.sietch.persistent.Verifier;
import io.sietch.vsa.AreaInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * What a walk over all records of an area's log found, each with its checksum verified.
 *
 * @param kind what the records are: "log", "queue", "table", or "empty"
 * @param live of a table or queue that was looked into: how many keys or items it has; else -1
 * @param aliveBytes of the keys and values of a sound table; else -1
 * @param damages what is wrong
 */
record LogReport(
        AreaInfo area,
        String kind,
        long head,
        long end,
        long records,
        long payloadBytes,
        long live,
        long aliveBytes,
        long freeBytes,
        List<Damage> damages) {
    LogReport {
        damages = List.copyOf(damages);
    }

    /**
     * Walks over the log in an area. What cannot even be opened is a report, too.
     *
     * @param deep whether what a table or queue holds is compared with its records
     * @param progress is told how many bytes have been read
     */
    static LogReport of(Device device, AreaInfo area, boolean deep, LongConsumer progress) {
        LogCore log;
        try {
            log = device.reading(area);
        } catch (IOException | RuntimeException e) {
            return unreadable(area, e);
        }
        try (log) {
            return walk(log, area, deep, progress);
        } catch (IOException e) {
            return unreadable(area, e);
        }
    }

    private static LogReport unreadable(AreaInfo area, Exception e) {
        return new LogReport(
                area, "unreadable", 0, 0, 0, 0, -1, -1, 0, List.of(new Damage(0, String.valueOf(e.getMessage()))));
    }

    private static LogReport walk(LogCore log, AreaInfo area, boolean deep, LongConsumer progress) {
        String kind = kind(log);
        Verification found = Verification.of(log, progress);
        List<Damage> damages = new ArrayList<>(found.damages());
        long live = -1;
        long alive = -1;
        if (damages.isEmpty() && log.tail() instanceof LogTail.Corrupt corrupt) {
            damages.add(new Damage(corrupt.position(), corrupt.detail()));
        }
        try {
            Verification inside = null;
            if (damages.isEmpty() && kind.equals("table")) {
                TableCore table = TableCore.open(log, TableOptions.DEFAULTS);
                alive = table.figures().keyAndValueBytes();
                inside = deep ? verified(table.verifier(), progress) : null;
            } else if (damages.isEmpty() && deep && kind.equals("queue")) {
                inside = verified(QueueVerifier.open(log), progress);
            }
            if (inside != null) {
                damages.addAll(inside.damages());
                live = inside.keys();
            }
        } catch (IOException | IllegalArgumentException e) {
            damages.add(new Damage(log.head(), String.valueOf(e.getMessage())));
        }
        return new LogReport(
                area,
                kind,
                log.head(),
                log.durable(),
                found.records(),
                found.payloadBytes(),
                live,
                alive,
                log.freeBytes(),
                damages);
    }

    private static Verification verified(Verifier verifier, LongConsumer progress) throws IOException {
        try (verifier) {
            return Verification.of(verifier, progress);
        }
    }

    private static String kind(LogCore log) {
        LogCursor cursor = log.cursor(log.head());
        try {
            return cursor.next() ? kind(cursor) : "empty";
        } catch (LogCorruptException e) {
            return "log";
        }
    }

    /** What the records of a log are, by the first bytes of one. */
    private static String kind(LogCursor cursor) {
        int length = Math.min(4, cursor.length());
        MemorySegment start = cursor.segment().asSlice(cursor.offset(), length);
        String magic = new String(start.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        if (magic.matches("(?s)SQ[IMA]\\d.*")) {
            return "queue";
        }
        return TableCore.isRecord(cursor.segment(), cursor.offset(), cursor.length()) ? "table" : "log";
    }

    Map<String, Object> asMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", area.name());
        map.put("kind", kind);
        map.put("sound", damages.isEmpty());
        map.put("size", area.size());
        map.put("segment", area.granule());
        map.put("extents", area.extents());
        map.put("head", head);
        map.put("end", end);
        map.put("records", records);
        map.put("payloadBytes", payloadBytes);
        if (live >= 0) {
            map.put(kind.equals("queue") ? "items" : "keys", live);
        }
        if (aliveBytes >= 0) {
            map.put("aliveBytes", aliveBytes);
        }
        if (aliveBytes > 0) {
            map.put("spaceAmplification", Math.round((end - head) * 100.0 / aliveBytes) / 100.0);
        }
        map.put("freeBytes", freeBytes);
        if (!damages.isEmpty()) {
            map.put("damage", damages.getFirst().detail());
            map.put("damages", damages.stream().map(LogReport::asMap).toList());
        }
        return map;
    }

    private static Map<String, Object> asMap(Damage damage) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("position", damage.position());
        map.put("detail", damage.detail());
        return map;
    }
}
