package io.sietch.vnic;

import io.sietch.net.Stack;
import io.sietch.net.StackOptions;
import java.nio.file.Path;
import java.util.Random;

/** A process that opens a connection over shared memory, and then does nothing until it is killed. */
final class SharedVnicChild {
    private SharedVnicChild() {}

    public static void main(String[] arguments) throws Exception {
        try (SharedVnic shared = SharedVnic.connect(Path.of(arguments[0]))) {
            Stack stack = new Stack(
                    shared.vnic(), shared.vnic().address(), StackOptions.DEFAULTS, new Random(1), System.nanoTime());
            stack.connect(shared.serverAddress(), 7000, connection -> {});
            while (shared.isOpen()) {
                if (stack.poll(System.nanoTime()) == 0) {
                    shared.await(stack.idleNanos(System.nanoTime()), 0);
                }
            }
        }
    }
}
