package io.sietch.vnic.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The kernel's end of a network interface, asked and set by {@code ioctl}. */
final class NetDevice implements AutoCloseable {
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int CLOEXEC = 0x80000;

    private static final int SIOCGIFFLAGS = 0x8913;
    private static final int SIOCSIFFLAGS = 0x8914;
    private static final int SIOCSIFADDR = 0x8916;
    private static final int SIOCSIFNETMASK = 0x891c;
    private static final int SIOCGIFMTU = 0x8921;
    private static final int SIOCGIFHWADDR = 0x8927;
    private static final int SIOCGIFINDEX = 0x8933;
    private static final int SIOCETHTOOL = 0x8946;
    private static final int UP = 1;

    private final String name;
    private final Libc libc = new Libc();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment request = arena.allocate(InterfaceRequestFormat.BYTES, 8);
    private final int socket;

    NetDevice(String name) throws IOException {
        this.name = name;
        InterfaceRequestFormat.writeName(request, name);
        this.socket = Errno.check(libc.socket(AF_INET, SOCK_DGRAM | CLOEXEC, 0), "open a socket", "");
    }

    private void call(int command, String what) throws IOException {
        int result = libc.ioctl(socket, command, request.address());
        boolean refused = result == -Errno.EPERM || result == -Errno.EACCES;
        Errno.check(
                result,
                what + " of the interface " + name,
                refused
                        ? "it needs CAP_NET_ADMIN: run as root, or let root set the interface up (ip link set " + name
                                + " up) and leave host= out"
                        : "");
    }

    int mtu() throws IOException {
        call(SIOCGIFMTU, "get the MTU");
        return InterfaceRequestFormat.mtu(request);
    }

    /** The number that the kernel knows it by. */
    int index() throws IOException {
        call(SIOCGIFINDEX, "get the number");
        return InterfaceRequestFormat.index(request);
    }

    /** Its Ethernet address. */
    long mac() throws IOException {
        call(SIOCGIFHWADDR, "get the Ethernet address");
        return InterfaceRequestFormat.mac(request);
    }

    /** What drives it, such as {@code veth}; empty if it does not say. */
    String driver() {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment info = scratch.allocate(DriverInfoFormat.BYTES, 8);
            DriverInfoFormat.writeQuestion(info);
            InterfaceRequestFormat.writePointer(request, info.address());
            return libc.ioctl(socket, SIOCETHTOOL, request.address()) < 0 ? "" : DriverInfoFormat.driver(info);
        }
    }

    /** Switches it on, if it is not. */
    void up() throws IOException {
        call(SIOCGIFFLAGS, "get the state");
        int flags = InterfaceRequestFormat.flags(request);
        if ((flags & UP) == 0) {
            InterfaceRequestFormat.writeFlags(request, flags | UP);
            call(SIOCSIFFLAGS, "change the state");
        }
    }

    /** Gives the kernel's end an address. */
    void address(int address, int bits) throws IOException {
        InterfaceRequestFormat.writeAddress(request, address);
        call(SIOCSIFADDR, "set the IPv4 address");
        InterfaceRequestFormat.writeAddress(request, -1 << Integer.SIZE - bits);
        call(SIOCSIFNETMASK, "set the netmask");
    }

    @Override
    public void close() {
        libc.close(socket);
        arena.close();
    }
}
