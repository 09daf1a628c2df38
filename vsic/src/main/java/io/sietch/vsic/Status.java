package io.sietch.vsic;

/**
 * How a command ended. The names are those of the NVM Express base specification 2.0 (status values, figures 96 to 98)
 * as far as a name exists there. Any value but {@link #SUCCESS} says that no byte was moved on behalf of the command,
 * unless stated otherwise.
 */
public enum Status {
    /** The command did all that it was asked to. */
    SUCCESS,
    /** A field is malformed: misaligned offset or length, a length of zero, or a range outside the DMA buffer. */
    INVALID_FIELD,
    /** Offset and length lie outside the area, are negative, or their sum overflows. */
    LBA_OUT_OF_RANGE,
    /** The area is not attached any more: it was revoked or deleted. */
    INVALID_NAMESPACE,
    /** The area is attached to another controller. */
    ACCESS_DENIED,
    /** The area was attached read-only. */
    NAMESPACE_WRITE_PROTECTED,
    /** The area is poisoned: a flush or write failed before, and what it holds is unknown until it is reopened. */
    NAMESPACE_NOT_READY,
    /** The medium failed the write, or the flush; any part of the write may have reached it. */
    WRITE_FAULT,
    /** The medium failed the read. The DMA buffer may hold anything. */
    UNRECOVERED_READ_ERROR,
    /** The controller was closed, or the VSIC released, before the command ran. */
    ABORTED
}
