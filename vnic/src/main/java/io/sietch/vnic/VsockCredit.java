package io.sietch.vnic;

/**
 * What the two ends of a stream have told each other of their room (Virtual I/O Device 1.2, section 5.10.6.3). Counts
 * are of bytes since the stream began, modulo 2^32.
 *
 * <p>Invariant: {@code told <= taken <= received <= told + WINDOW}, if the peer keeps to what it was told.
 */
final class VsockCredit {
    /** Bytes that one end takes before its application has. */
    static final int WINDOW = 1 << 18;

    private int received;
    private int taken;
    private int told;
    private int sent;
    private int peerWindow;
    private int peerTaken;

    /** The peer says what it has room for. */
    void heard(int allocated, int forwarded) {
        peerWindow = allocated;
        peerTaken = forwarded;
    }

    /** How many bytes the peer has room for. */
    int room() {
        long room = (peerWindow & 0xFFFF_FFFFL) - (sent - peerTaken & 0xFFFF_FFFFL);
        return Math.clamp(room, 0, Integer.MAX_VALUE);
    }

    void sent(int bytes) {
        sent += bytes;
    }

    /** Counts bytes that have arrived. Returns false if they are more than the peer may send. */
    boolean receive(int bytes) {
        if (bytes < 0 || bytes > WINDOW - (received - taken)) {
            return false;
        }
        received += bytes;
        return true;
    }

    /** The application has taken bytes. Returns whether the peer should hear of it, even if nothing else is to say. */
    boolean take(int bytes) {
        taken += bytes;
        return taken - told >= WINDOW / 2;
    }

    /** What to tell the peer now. */
    int tell() {
        told = taken;
        return taken;
    }
}
