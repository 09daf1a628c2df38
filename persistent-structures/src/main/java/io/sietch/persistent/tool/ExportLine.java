package io.sietch.persistent.tool;

import java.io.IOException;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A line of an exported file, as this program writes it: {@code {"position":72,"data":"…"}}. */
final class ExportLine {
    private static final Pattern LINE = Pattern.compile("\\{\"position\":\\d+,\"data\":\"([A-Za-z0-9+/=]*)\"}");

    private ExportLine() {}

    /**
     * The bytes of the record.
     *
     * @param number of the line, for the message
     */
    static byte[] data(String line, long number) throws IOException {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            throw new IOException("line " + number + " is none that \"sietch export\" writes");
        }
        try {
            return Base64.getDecoder().decode(matcher.group(1));
        } catch (IllegalArgumentException e) {
            throw new IOException("line " + number + " has damaged data: " + e.getMessage(), e);
        }
    }
}
