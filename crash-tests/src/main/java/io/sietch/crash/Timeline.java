package io.sietch.crash;

import java.util.Locale;

/** Tells in words what happened on a medium up to a crash, and what the crash did. */
final class Timeline {
    private static final int EVENTS_SHOWN = 24;

    private Timeline() {}

    static String of(int life, CrashMedia media, Step step) {
        int end = step.point().events();
        int from = Math.max(0, end - EVENTS_SHOWN);
        StringBuilder text = new StringBuilder("  life ")
                .append(life)
                .append(", ")
                .append(end)
                .append(" events")
                .append(from > 0 ? ", the last:\n" : ":\n");
        for (int i = from; i < end; i++) {
            text.append("    ").append(i).append(' ').append(describe(media, i)).append('\n');
        }
        text.append(step.point().killed() ? "  then the process was killed\n" : "  then the power went\n");
        if (!step.deviations().toString().isEmpty()) {
            text.append(lost(media, step));
        }
        return text.toString();
    }

    /** An event in words. */
    static String describe(CrashMedia media, int index) {
        Event event = media.event(index);
        String what = switch (event.kind()) {
            case FLUSH -> "flush";
            case FLUSH_ONLY ->
                event.length() == 0
                        ? "flush of nothing"
                        : "flush of " + event.length() + " bytes at " + event.offset() + media.nameOf(event.offset());
            case GROW -> "grow from " + event.offset() + " to " + event.length() + " bytes";
            case WRITE -> "write " + range(media, event);
            case DEALLOCATE -> "deallocate " + range(media, event);
        };
        return event.failed() ? what + " (failed)" : what;
    }

    private static String range(CrashMedia media, Event event) {
        int sectorSize = media.geometry().sectorSize();
        return event.length() + " bytes at " + event.offset() + ", sectors " + event.offset() / sectorSize + " to "
                + (event.offset() + event.length() - 1) / sectorSize + media.nameOf(event.offset());
    }

    private static String lost(CrashMedia media, Step step) {
        StringBuilder text = new StringBuilder("  what the crash did to unflushed writes (the rest survived):\n");
        for (String deviation : step.deviations().toString().split(",", -1)) {
            int equals = deviation.indexOf('=');
            Decision decision = Decision.of(deviation.charAt(0));
            long subject = Long.parseLong(deviation.substring(1, equals));
            String value = deviation.substring(equals + 1);
            text.append(
                    switch (decision) {
                        case VERSION ->
                            "    sector " + subject + name(media, subject) + " holds an older version (" + value
                                    + " back) than "
                                    + writers(media, (int) subject, step.point().events());
                        case COMMAND -> "    write " + subject + " is lost";
                        case PREFIX -> "    the last " + value + " writes are lost";
                        case DAMAGE ->
                            String.format(
                                    Locale.ROOT,
                                    "    sector %d%s is damaged (kind %s)",
                                    subject,
                                    name(media, subject),
                                    value);
                        case TEAR_WITH, DETAIL -> "      " + decision + " " + value;
                    });
            text.append('\n');
        }
        return text.toString();
    }

    private static String name(CrashMedia media, long sector) {
        return media.nameOf(sector * media.geometry().sectorSize());
    }

    private static String writers(CrashMedia media, int sector, int events) {
        SectorLog log = media.log(sector);
        if (log == null) {
            return "no write of this life";
        }
        int durable = log.durableBefore(events);
        StringBuilder text = new StringBuilder("writes");
        for (int i = durable + 1; i < log.count() && log.get(i).command < events; i++) {
            text.append(' ').append(log.get(i).command);
        }
        return text + " left";
    }
}
