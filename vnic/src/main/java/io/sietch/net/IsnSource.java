package io.sietch.net;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.random.RandomGenerator;

/**
 * Initial sequence numbers as RFC 6528 has them: a clock of four microseconds and a keyed hash of both ends, so that
 * nobody can guess them, and those of one pair of ends grow. The offsets of timestamps come from the same hash (RFC
 * 7323, section 5.4). Called once for each connection.
 */
final class IsnSource {
    private static final int SECRET_BYTES = 32;
    private static final long NANOS_A_TICK = 4000;

    private final MessageDigest digest;
    private final byte[] secret = new byte[SECRET_BYTES];
    private final ByteBuffer ends = ByteBuffer.allocate(12);
    private ByteBuffer hash = ByteBuffer.allocate(8);

    IsnSource(RandomGenerator random) {
        random.nextBytes(secret);
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    void prepare(int local, int localPort, int remote, int remotePort) {
        ends.clear();
        ends.putInt(local)
                .putInt(remote)
                .putShort((short) localPort)
                .putShort((short) remotePort)
                .flip();
        digest.update(secret);
        digest.update(ends);
        hash = ByteBuffer.wrap(digest.digest());
    }

    /** For the ends that were prepared. */
    int sequence(long now) {
        return (int) (now / NANOS_A_TICK) + hash.getInt(0);
    }

    /** For the ends that were prepared. */
    int timestampOffset() {
        return hash.getInt(4);
    }
}
