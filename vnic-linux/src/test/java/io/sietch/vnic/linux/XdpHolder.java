package io.sietch.vnic.linux;

import io.sietch.net.Ipv4Format;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process that opens a wire, or a pair of interfaces, and holds it until it is killed, or its parent has gone. */
final class XdpHolder {
    private XdpHolder() {}

    static Process start(String device, String address) throws IOException {
        return startWith("xdp://" + device + "?ip=" + address);
    }

    static Process startPair(String inner, String outer, String address, Path door) throws IOException {
        return startWith(inner, outer, address, door.toString());
    }

    private static Process startWith(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                XdpHolder.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length == 1) {
            LinuxWires.open(arguments[0]);
        } else {
            int address = Ipv4Format.parse(arguments[2]);
            XdpGrant.openPair(arguments[0], arguments[1], address, 0, 0, Path.of(arguments[3]), null);
        }
        PrintStream out = System.out;
        out.println("open");
        while (System.in.read() >= 0) {
            // until the parent has gone
        }
    }
}
