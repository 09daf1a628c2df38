package io.sietch.vnic.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Programs in the kernel and what they know, by {@code bpf(2)}. What is made is named by the descriptor of a file, and
 * goes when that is closed by the last process that has it, however the process ends.
 *
 * <p>Threads: one at a time.
 */
final class Bpf implements AutoCloseable {
    private static final int LOG_BYTES = 1 << 16;

    private final Libc libc = new Libc();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment attribute = arena.allocate(BpfFormat.BYTES, 8);
    private final MemorySegment entry = arena.allocate(8, 8);

    private int call(int command) {
        return libc.bpf(command, attribute.address(), BpfFormat.BYTES);
    }

    /** Makes a map from the numbers of queues to sockets. */
    int mapOfSockets(int queues) throws IOException {
        BpfFormat.writeMapOfSockets(attribute, queues);
        int made = call(BpfFormat.MAKE_MAP);
        return Errno.check(made, "make a map of AF_XDP sockets", remedy(made));
    }

    /** Makes memory that programs can read and write, with zeros. */
    int newArray(int bytes) throws IOException {
        BpfFormat.writeArray(attribute, bytes);
        int made = call(BpfFormat.MAKE_MAP);
        return Errno.check(made, "make memory for an XDP program", remedy(made));
    }

    /** Copies such memory. */
    void read(int array, MemorySegment target) throws IOException {
        entry.set(ValueLayout.JAVA_INT, 0, 0);
        BpfFormat.writeEntry(attribute, array, entry.address(), target.address());
        Errno.check(call(BpfFormat.GET), "read the memory of an XDP program", "");
    }

    /** Loads a program that looks at frames. */
    int load(long[] code) throws IOException {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment instructions = scratch.allocateFrom(ValueLayout.JAVA_LONG, code);
            MemorySegment license = scratch.allocateFrom("Apache-2.0");
            BpfFormat.writeLoad(attribute, code.length, instructions.address(), license.address(), 0, 0);
            int loaded = call(BpfFormat.LOAD);
            if (loaded >= 0 || loaded == -Errno.EPERM || loaded == -Errno.ENOSYS) {
                return Errno.check(loaded, "load an XDP program", remedy(loaded));
            }
            // Once more, for what the kernel has to say about it.
            MemorySegment log = scratch.allocate(LOG_BYTES);
            BpfFormat.writeLoad(
                    attribute, code.length, instructions.address(), license.address(), log.address(), LOG_BYTES);
            return Errno.check(call(BpfFormat.LOAD), "load an XDP program", "the kernel says: " + log.getString(0));
        }
    }

    /** Runs a program on a frame that is on no wire, and says what it returned. */
    int tryOut(int program, byte[] frame) throws IOException {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment bytes = scratch.allocateFrom(ValueLayout.JAVA_BYTE, frame);
            BpfFormat.writeTrial(attribute, program, bytes.address(), frame.length);
            Errno.check(call(BpfFormat.TRY_OUT), "try out an XDP program", "");
            return BpfFormat.verdict(attribute);
        }
    }

    /** Lets a program look at the frames of an interface for as long as the result is open. */
    int attach(int program, int interfaceIndex, String name) throws IOException {
        BpfFormat.writeAttach(attribute, program, interfaceIndex);
        int attached = call(BpfFormat.ATTACH);
        return Errno.check(attached, "attach an XDP program to the interface " + name, attachRemedy(attached, name));
    }

    /** Puts a program in the place of the attached one, between two frames. */
    void exchange(int link, int program) throws IOException {
        BpfFormat.writeExchange(attribute, link, program);
        Errno.check(call(BpfFormat.EXCHANGE), "exchange an XDP program", "");
    }

    /** Gives a queue's frames to a socket. */
    void set(int map, int queue, int socket) throws IOException {
        entry.set(ValueLayout.JAVA_INT, 0, queue);
        entry.set(ValueLayout.JAVA_INT, 4, socket);
        BpfFormat.writeEntry(attribute, map, entry.address(), entry.address() + 4);
        Errno.check(call(BpfFormat.SET), "give queue " + queue + " to an AF_XDP socket", "");
    }

    /** Gives a queue's frames back to the kernel. */
    void delete(int map, int queue) throws IOException {
        entry.set(ValueLayout.JAVA_INT, 0, queue);
        BpfFormat.writeEntry(attribute, map, entry.address(), 0);
        int deleted = call(BpfFormat.DELETE);
        if (deleted != -Errno.ENOENT) {
            Errno.check(deleted, "take queue " + queue + " from an AF_XDP socket", "");
        }
    }

    static String remedy(int result) {
        return switch (-result) {
            case Errno.EPERM, Errno.EACCES ->
                "it needs CAP_BPF and CAP_NET_ADMIN: run as root, or let the service manager give these capabilities"
                        + " and CAP_NET_RAW";
            case Errno.ENOSYS -> "this kernel has no bpf(2); it needs CONFIG_BPF_SYSCALL";
            default -> "";
        };
    }

    static String attachRemedy(int result, String name) {
        return switch (-result) {
            case Errno.EBUSY, Errno.EEXIST ->
                "another XDP program is attached; see: ip link show " + name
                        + "; and end who attached it, or: ip link set " + name + " xdp off";
            case Errno.ERANGE ->
                "the MTU is larger than XDP takes there; set that of both ends: ip link set " + name + " mtu 1500";
            case Errno.EINVAL -> "the kernel is older than 5.9, or the interface cannot have XDP programs";
            case Errno.EOPNOTSUPP -> "the interface cannot have XDP programs";
            default -> remedy(result);
        };
    }

    @Override
    public void close() {
        arena.close();
    }
}
