package io.sietch.vnic;

import java.nio.file.Path;

/** A process that opens a connection or a stream over shared memory, and then does nothing until it is killed. */
final class SharedVnicChild {
    private SharedVnicChild() {}

    public static void main(String[] arguments) throws Exception {
        try (VnicClient client = VnicClient.connect(Path.of(arguments[0]))) {
            if (arguments[1].equals("stream")) {
                client.stream(7000, stream -> {});
            } else {
                client.connect(7000, connection -> {});
            }
            while (client.isOpen()) {
                if (client.poll() == 0) {
                    client.await(Long.MAX_VALUE, 0);
                }
            }
        }
    }
}
