package io.sietch.vsa;

import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** What may name an area or an owner. */
final class Names {
    /** Longest name in bytes of UTF-8: what file systems agree on, and it keeps a catalogue record small. */
    static final int MAX_BYTES = 255;

    private Names() {}

    /** Returns the name as UTF-8, or throws {@link IllegalArgumentException} with the reason. */
    static byte[] utf8(String kind, String name) {
        byte[] bytes = new byte[0];
        try {
            var encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(name));
            bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(kind + " name is not valid Unicode: " + e.getMessage(), e);
        }
        if (bytes.length == 0 || bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    kind + " name of " + bytes.length + " bytes: must have 1 to " + MAX_BYTES + " bytes of UTF-8");
        }
        int control = name.chars().filter(Character::isISOControl).findFirst().orElse(-1);
        if (control >= 0) {
            throw new IllegalArgumentException(
                    kind + " name holds the control character 0x" + Integer.toHexString(control));
        }
        return bytes;
    }
}
