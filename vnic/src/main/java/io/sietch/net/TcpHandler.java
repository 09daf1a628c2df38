package io.sietch.net;

/**
 * Who hears of a connection. Called by {@link Stack#poll}, on its thread, at most once for each connection and poll.
 */
@FunctionalInterface
public interface TcpHandler {
    /**
     * Something has changed: it was opened, bytes have arrived or the peer has finished, there is room to write again,
     * or it has come to its end.
     */
    void changed(TcpConnection connection);
}
