package io.sietch.vsic;

/** What the owner of an area may do to it. */
public enum Rights {
    /** Reads only; writes, deallocations and flushes end with {@link Status#NAMESPACE_WRITE_PROTECTED}. */
    READ_ONLY,
    /** Reads, writes and flushes. */
    READ_WRITE
}
