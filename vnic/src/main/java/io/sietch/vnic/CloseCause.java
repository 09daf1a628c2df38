package io.sietch.vnic;

/** Why a flow was closed. */
public enum CloseCause {
    /** The owner closed it, or it was finished and everything is sent. */
    OWNER,
    /** The peer went away, or the network failed. */
    PEER,
    /** More unconsumed bytes were received than one flow may hold. */
    RECEIVE_LIMIT,
    /** The buffers of all flows together have met their limit. */
    MEMORY_LIMIT,
    /** The network was closed. */
    NETWORK_CLOSED
}
