package io.sietch.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** Requests as clients send them; each character is a byte. */
final class Wire {
    private Wire() {}

    /** A request as an array of bulk strings. */
    static byte[] request(String... arguments) {
        StringBuilder text = new StringBuilder("*").append(arguments.length).append("\r\n");
        for (String argument : arguments) {
            text.append('$')
                    .append(argument.length())
                    .append("\r\n")
                    .append(argument)
                    .append("\r\n");
        }
        return text.toString().getBytes(ISO_8859_1);
    }
}
