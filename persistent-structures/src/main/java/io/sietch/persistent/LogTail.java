package io.sietch.persistent;

/** What recovery found at the end of a log. */
public sealed interface LogTail {
    /**
     * The log ends after a whole commit, and nothing that was begun after it was seen.
     *
     * @param end the END position of the last record, 0 if there never was one
     */
    record Clean(long end) implements LogTail {}

    /**
     * A crash interrupted commits that nobody had been promised. They are cut.
     *
     * @param end the END position of the last record that is kept
     * @param seenTo up to where parts of interrupted commits were seen
     */
    record Torn(long end, long seenTo) implements LogTail {}

    /**
     * Bytes that had been durable are damaged. Nothing was cut or changed; the log is read-only. What lies before and
     * after the damage can be read.
     *
     * @param position where the damage begins: the END position of the last record before it
     * @param provenTo everything before this position had been durable
     * @param detail what is wrong, and where
     */
    record Corrupt(long position, long provenTo, String detail) implements LogTail {}
}
