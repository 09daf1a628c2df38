package io.sietch.vnic;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What the owner of a shared VNIC is told when it connects. Little-endian is not of the essence here: both ends are on
 * one machine, but the bytes are fixed all the same, in network byte order.
 *
 * <pre>
 *  0       8                10            14          16
 *  ├ magic ┼ path's bytes n ┼ server's IP ┼ 0 ────────┼ path of the memory (n) ┤
 * </pre>
 *
 * @param path of the file with the VNIC's memory; it vanishes as soon as it was opened
 * @param serverAddress IPv4 address of whom to talk to
 */
record ShmHello(String path, int serverAddress) {
    /** "SIETSHM1". */
    static final long MAGIC = 0x5349455453484D31L;

    static final int HEAD_BYTES = 16;
    /** What the owner answers when it has mapped the memory. From then on any byte is a ring at the door. */
    static final byte READY = 'R';

    private static final int MAX_PATH = 4096;

    ByteBuffer encode() {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(HEAD_BYTES + bytes.length)
                .putLong(MAGIC)
                .putShort((short) bytes.length)
                .putInt(serverAddress)
                .putShort((short) 0)
                .put(bytes)
                .flip();
    }

    /** How many bytes of path follow a head. */
    static int pathBytes(ByteBuffer head) throws IOException {
        int length = head.getShort(8);
        if (head.getLong(0) != MAGIC || length <= 0 || length > MAX_PATH) {
            throw new IOException("whoever answers does not hand out VNICs, or is of another version");
        }
        return length;
    }

    static ShmHello decode(ByteBuffer head, ByteBuffer path) {
        return new ShmHello(StandardCharsets.UTF_8.decode(path).toString(), head.getInt(10));
    }
}
