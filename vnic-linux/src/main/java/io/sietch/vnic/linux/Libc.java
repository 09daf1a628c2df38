package io.sietch.vnic.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The system calls that the wires need. Each returns what the system does, or the negative error number. Pointers are
 * addresses: whoever calls keeps the memory alive.
 *
 * <p>None of the calls is declared critical: some do a lot of work in the kernel, and a thread that is inside of a
 * critical one holds up every safepoint.
 *
 * <p>Threads: an object is used by one at a time; the error number of its last call is kept in it.
 */
@SuppressWarnings("restricted")
final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final ValueLayout.OfInt I = JAVA_INT;
    private static final ValueLayout.OfLong L = JAVA_LONG;

    private static final MethodHandle OPEN = handle("open", 2, I, L, I);
    private static final MethodHandle CLOSE = handle("close", -1, I, I);
    private static final MethodHandle READ = handle("read", -1, L, I, L, L);
    private static final MethodHandle WRITE = handle("write", -1, L, I, L, L);
    private static final MethodHandle IOCTL = handle("ioctl", 2, I, I, L, L);
    private static final MethodHandle SOCKET = handle("socket", -1, I, I, I, I);
    private static final MethodHandle GETSOCKNAME = handle("getsockname", -1, I, I, L, L);
    private static final MethodHandle GETSOCKOPT = handle("getsockopt", -1, I, I, I, I, L, L);
    private static final MethodHandle DUP3 = handle("dup3", -1, I, I, I, I);
    private static final MethodHandle SETSOCKOPT = handle("setsockopt", -1, I, I, I, I, L, I);
    private static final MethodHandle BIND = handle("bind", -1, I, I, L, I);
    private static final MethodHandle SENDTO = handle("sendto", -1, L, I, L, L, I, L, I);
    private static final MethodHandle RECV = handle("recv", -1, L, I, L, L, I);
    private static final MethodHandle MMAP = handle("mmap", -1, L, L, L, I, I, I, L);
    private static final MethodHandle MUNMAP = handle("munmap", -1, I, L, L);
    private static final MethodHandle LISTEN = handle("listen", -1, I, I, I);
    private static final MethodHandle ACCEPT4 = handle("accept4", -1, I, I, L, L, I);
    private static final MethodHandle CONNECT = handle("connect", -1, I, I, L, I);
    private static final MethodHandle SENDMSG = handle("sendmsg", -1, L, I, L, I);
    private static final MethodHandle RECVMSG = handle("recvmsg", -1, L, I, L, I);
    private static final MethodHandle SETNS = handle("setns", -1, I, I, I);
    private static final MethodHandle SYSCALL = handle("syscall", 1, L, L, I, L, I);

    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;

    /** Numbers of system calls are the same on all machines but the oldest kind. */
    private static final long SYS_BPF = System.getProperty("os.arch", "").equals("amd64") ? 321 : 280;

    private final MemorySegment state = Arena.ofAuto().allocate(STATE);

    private static MethodHandle handle(String name, int variadic, MemoryLayout result, MemoryLayout... arguments) {
        Linker.Option errno = Linker.Option.captureCallState("errno");
        Linker.Option[] options = variadic < 0
                ? new Linker.Option[] {errno}
                : new Linker.Option[] {errno, Linker.Option.firstVariadicArg(variadic)};
        MemorySegment function = LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsupportedOperationException("this system's C library has no " + name));
        return LINKER.downcallHandle(function, FunctionDescriptor.of(result, arguments), options);
    }

    private int result(int value) {
        return value < 0 ? -(int) ERRNO.get(state, 0L) : value;
    }

    private long result(long value) {
        return value < 0 ? -(int) ERRNO.get(state, 0L) : value;
    }

    private static RuntimeException broken(Throwable e) {
        return e instanceof RuntimeException known ? known : new IllegalStateException("a system call threw", e);
    }

    int open(long path, int flags) {
        try {
            return result((int) OPEN.invokeExact(state, path, flags));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int close(int fd) {
        try {
            return result((int) CLOSE.invokeExact(state, fd));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    long read(int fd, long to, long bytes) {
        try {
            return result((long) READ.invokeExact(state, fd, to, bytes));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    long write(int fd, long from, long bytes) {
        try {
            return result((long) WRITE.invokeExact(state, fd, from, bytes));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int ioctl(int fd, long request, long argument) {
        try {
            return result((int) IOCTL.invokeExact(state, fd, request, argument));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int socket(int family, int type, int protocol) {
        try {
            return result((int) SOCKET.invokeExact(state, family, type, protocol));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int getsockname(int fd, long address, long length) {
        try {
            return result((int) GETSOCKNAME.invokeExact(state, fd, address, length));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int getsockopt(int fd, int level, int option, long value, long length) {
        try {
            return result((int) GETSOCKOPT.invokeExact(state, fd, level, option, value, length));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int dup3(int fd, int onto, int flags) {
        try {
            return result((int) DUP3.invokeExact(state, fd, onto, flags));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int setsockopt(int fd, int level, int option, long value, int length) {
        try {
            return result((int) SETSOCKOPT.invokeExact(state, fd, level, option, value, length));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int bind(int fd, long address, int length) {
        try {
            return result((int) BIND.invokeExact(state, fd, address, length));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /** Sends nothing to nowhere, without waiting: says to a socket that there is something in its rings. */
    long kick(int fd) {
        try {
            return result((long) SENDTO.invokeExact(state, fd, 0L, 0L, MSG_DONTWAIT, 0L, 0));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /** As {@link #kick}, for what was posted to be received into. */
    long kickReceive(int fd) {
        try {
            return result((long) RECV.invokeExact(state, fd, 0L, 0L, MSG_DONTWAIT));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /** The address, or the negative error number, which no address is. */
    long mmap(long length, int protection, int flags, int fd, long offset) {
        try {
            return result((long) MMAP.invokeExact(state, 0L, length, protection, flags, fd, offset));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int munmap(long address, long length) {
        try {
            return result((int) MUNMAP.invokeExact(state, address, length));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /** {@code bpf(2)}, for which the C library has no name. */
    int bpf(int command, long attribute, int size) {
        try {
            return (int) result((long) SYSCALL.invokeExact(state, SYS_BPF, command, attribute, size));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int listen(int fd, int backlog) {
        try {
            return result((int) LISTEN.invokeExact(state, fd, backlog));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /** Does not ask who it is. */
    int accept4(int fd, int flags) {
        try {
            return result((int) ACCEPT4.invokeExact(state, fd, 0L, 0L, flags));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int setns(int fd, int kind) {
        try {
            return result((int) SETNS.invokeExact(state, fd, kind));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int connect(int fd, long address, int length) {
        try {
            return result((int) CONNECT.invokeExact(state, fd, address, length));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /** An error, not a signal, says that nobody is there. */
    long sendmsg(int fd, long message) {
        try {
            return result((long) SENDMSG.invokeExact(state, fd, message, MSG_NOSIGNAL));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    long recvmsg(int fd, long message, int flags) {
        try {
            return result((long) RECVMSG.invokeExact(state, fd, message, flags));
        } catch (Throwable e) {
            throw broken(e);
        }
    }
}
