package io.sietch.net;

/** A port at which connections are accepted. The handler hears of one when its handshake is complete. */
public final class TcpListener {
    private final Stack stack;
    private final int port;
    private final TcpHandler handler;
    private boolean open = true;
    int halfOpen;

    TcpListener(Stack stack, int port, TcpHandler handler) {
        this.stack = stack;
        this.port = port;
        this.handler = handler;
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    TcpHandler handler() {
        return handler;
    }

    boolean isOpen() {
        return open;
    }

    /** Takes no new connections. Those that exist go on. */
    public void close() {
        if (open) {
            open = false;
            stack.remove(this);
        }
    }
}
