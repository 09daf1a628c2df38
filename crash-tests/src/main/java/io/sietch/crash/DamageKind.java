package io.sietch.crash;

/** What a medium may do to data without telling anybody, and after a good flush. */
public enum DamageKind {
    /** A sector is full of zeros. */
    ZEROED_SECTOR,
    /** A sector is full of ones. */
    FILLED_SECTOR,
    /** A sector cannot be read any more; that is told, but late. */
    UNREADABLE_SECTOR,
    /** A sector holds what it held before. */
    STALE_SECTOR,
    /** A block of commands, 4096 bytes as a rule, holds what it held before. */
    STALE_BLOCK,
    /** 64 KiB hold what they held before. */
    STALE_REGION,
    /** Two blocks have changed places. */
    SWAPPED_BLOCKS,
    /** Two regions of 64 KiB have changed places. */
    SWAPPED_REGIONS,
    /** A block holds what another one holds. */
    COPIED_BLOCK,
    /** A write succeeds and reaches nothing. */
    LOST_WRITE,
    /** A write succeeds and lands elsewhere. */
    MISDIRECTED_WRITE,
    /** A read shows, once, what is elsewhere. */
    MISDIRECTED_READ,
    /** The medium ends earlier. */
    TRUNCATED,
    /** The medium ended earlier, and what was behind has come back as zeros. */
    BLANK_END,
    /** A flush succeeds and does nothing, and then the power goes. */
    IGNORED_FLUSH,
    /** The whole medium is as it was once: the backup of another day. */
    STALE_MEDIUM
}
