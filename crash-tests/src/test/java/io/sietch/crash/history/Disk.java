package io.sietch.crash.history;

import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.Media;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Blocks of 512 bytes as the small stores of this package see them, and texts in them. */
final class Disk {
    static final int BLOCK = 512;

    /** Before a text: its length and checksum. */
    static final int HEAD = 8;

    private final Media media;
    private final DmaBuffer buffer = DmaBuffer.allocate(16 * BLOCK, BLOCK, Arena.ofAuto());

    Disk(Media media) {
        this.media = media;
    }

    void flush() throws IOException {
        media.flush();
    }

    /** Writes bytes and zeros behind them, in whole blocks. */
    void write(int block, byte[] bytes) throws IOException {
        int length = Math.ceilDiv(bytes.length, BLOCK) * BLOCK;
        buffer.segment().asByteBuffer().put(bytes).put(new byte[length - bytes.length]);
        media.write((long) block * BLOCK, buffer, 0, length);
    }

    byte[] read(int block, int blocks) throws IOException {
        media.read((long) block * BLOCK, buffer, 0, blocks * BLOCK);
        byte[] bytes = new byte[blocks * BLOCK];
        buffer.segment().asByteBuffer().get(bytes);
        return bytes;
    }

    // ---- texts --------------------------------------------------------------------------------------------------

    /** A text with its length and checksum before it. */
    static byte[] seal(String text) {
        byte[] content = text.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(HEAD + content.length)
                .putInt(content.length)
                .putInt(checksum(content))
                .put(content)
                .array();
    }

    /** The text in a block range, or an empty one if its checksum does not hold. */
    String text(int block, int blocks) throws IOException {
        return text(read(block, blocks));
    }

    /** The text at the front of these bytes, or an empty one if its checksum does not hold. */
    static String text(byte[] bytes) {
        byte[] content = content(bytes);
        return content.length > 0 && ByteBuffer.wrap(bytes).getInt(4) == checksum(content) ? ascii(content) : "";
    }

    /** The text at the front of these bytes, whole or not. */
    static String uncheckedText(byte[] bytes) {
        return ascii(content(bytes));
    }

    private static byte[] content(byte[] bytes) {
        int length = ByteBuffer.wrap(bytes).getInt();
        byte[] content = new byte[length < 0 || length > bytes.length - HEAD ? 0 : length];
        System.arraycopy(bytes, HEAD, content, 0, content.length);
        return content;
    }

    private static String ascii(byte[] content) {
        return new String(content, StandardCharsets.US_ASCII);
    }

    private static int checksum(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return (int) crc.getValue();
    }
}
