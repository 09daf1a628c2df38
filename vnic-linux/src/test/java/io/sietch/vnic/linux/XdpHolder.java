package io.sietch.vnic.linux;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/** A process that opens a wire and holds it until it is killed, or its parent has gone. */
final class XdpHolder {
    private XdpHolder() {}

    static Process start(String device, String address) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        XdpHolder.class.getName(),
                        "xdp://" + device + "?ip=" + address)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    public static void main(String[] arguments) throws IOException {
        LinuxWires.open(arguments[0]);
        PrintStream out = System.out;
        out.println("open");
        while (System.in.read() >= 0) {
            // until the parent has gone
        }
    }
}
