package io.sietch.net;

import org.jspecify.annotations.Nullable;

/**
 * Connections by their other end and our port, which together are 64 bits. Open addressing, and a secret in the hash,
 * so that nobody outside can choose addresses that collide.
 */
final class ConnectionTable {
    private final long secret;
    private @Nullable TcpConnection[] slots = new @Nullable TcpConnection[64];
    private int size;

    ConnectionTable(long secret) {
        this.secret = secret | 1;
    }

    static long key(int remoteAddress, int remotePort, int localPort) {
        return (long) remoteAddress << 32 | (long) remotePort << 16 | localPort;
    }

    int size() {
        return size;
    }

    @Nullable
    TcpConnection find(long key) {
        int mask = slots.length - 1;
        for (int slot = slot(key, mask); ; slot = slot + 1 & mask) {
            TcpConnection connection = slots[slot];
            if (connection == null || connection.key == key) {
                return connection;
            }
        }
    }

    private int slot(long key, int mask) {
        long mixed = (key ^ secret) * 0x9E37_79B9_7F4A_7C15L;
        mixed = (mixed ^ mixed >>> 32) * secret;
        return (int) (mixed >>> 40) & mask;
    }

    void add(TcpConnection connection) {
        if (2 * size >= slots.length) {
            @Nullable TcpConnection[] before = slots;
            slots = new @Nullable TcpConnection[2 * before.length];
            for (TcpConnection each : before) {
                if (each != null) {
                    put(each);
                }
            }
        }
        put(connection);
        size++;
    }

    private void put(TcpConnection connection) {
        int mask = slots.length - 1;
        int slot = slot(connection.key, mask);
        while (slots[slot] != null) {
            slot = slot + 1 & mask;
        }
        slots[slot] = connection;
    }

    void remove(TcpConnection connection) {
        int mask = slots.length - 1;
        int slot = slot(connection.key, mask);
        while (slots[slot] != connection) {
            if (slots[slot] == null) {
                return;
            }
            slot = slot + 1 & mask;
        }
        slots[slot] = null;
        size--;
        // Those behind it may have been pushed on by it.
        TcpConnection moved;
        for (int next = slot + 1 & mask; (moved = slots[next]) != null; next = next + 1 & mask) {
            slots[next] = null;
            put(moved);
        }
    }

    /** All, in no particular order. */
    @Nullable
    TcpConnection[] all() {
        return slots.clone();
    }
}
