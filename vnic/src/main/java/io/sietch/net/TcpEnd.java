package io.sietch.net;

/** How a connection came to its end. */
public enum TcpEnd {
    /** It has not. */
    NONE,
    /** Both sides have finished. */
    NORMAL,
    /** The peer has reset it, or refused it. */
    RESET,
    /** The peer did not answer in time. */
    TIMEOUT,
    /** The network says that the peer cannot be reached. */
    UNREACHABLE,
    /** We have reset it. */
    ABORTED
}
