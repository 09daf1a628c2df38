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
}
