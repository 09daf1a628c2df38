package io.sietch.net;

/** The states of a connection (RFC 9293, section 3.3.2). LISTEN is a {@link TcpListener}. */
public enum TcpState {
    /** Our SYN is under way. */
    SYN_SENT,
    /** A SYN has come, and ours was sent. */
    SYN_RECEIVED,
    /** Open. */
    ESTABLISHED,
    /** We have finished; the peer does not know yet. */
    FIN_WAIT_1,
    /** We have finished, and the peer knows. */
    FIN_WAIT_2,
    /** The peer has finished; we have not. */
    CLOSE_WAIT,
    /** Both have finished at once. */
    CLOSING,
    /** Both have finished; the peer does not know of us yet. */
    LAST_ACK,
    /** All is said; late segments are waited for. */
    TIME_WAIT,
    /** There is no connection. */
    CLOSED;

    /** Whether the handshake is complete, and was not undone. */
    public boolean isSynchronized() {
        return this != SYN_SENT && this != SYN_RECEIVED && this != CLOSED;
    }
}
