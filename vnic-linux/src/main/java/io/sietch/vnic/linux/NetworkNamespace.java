package io.sietch.vnic.linux;

import java.io.IOException;
import java.lang.foreign.Arena;

/**
 * A stay of the present thread in a network namespace that {@code ip netns add} has made: interfaces that it makes are
 * made there. Other threads stay where they are.
 *
 * <p>Threads: the one that entered, which has to be a platform thread, leaves.
 */
final class NetworkNamespace implements AutoCloseable {
    private static final String OWN = "/proc/thread-self/ns/net";
    private static final String NAMED = "/run/netns/";
    private static final int READ_CLOEXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x40000000;

    private final Libc libc;
    private final int back;

    private NetworkNamespace(Libc libc, int back) {
        this.libc = libc;
        this.back = back;
    }

    /** Whether a namespace may have this name. */
    static boolean isName(String name) {
        return name.matches("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}");
    }

    /**
     * Enters.
     *
     * @param name of the namespace
     * @throws IOException if there is none of that name, or it is not permitted
     */
    static NetworkNamespace enter(String name) throws IOException {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("only a platform thread can enter a network namespace");
        }
        Libc libc = new Libc();
        int back = open(libc, OWN, "open the present network namespace", "");
        int there = -1;
        try {
            there = open(libc, NAMED + name, "open the network namespace " + name, "make it: ip netns add " + name);
            int set = libc.setns(there, CLONE_NEWNET);
            Errno.check(set, "enter the network namespace " + name, "it needs CAP_SYS_ADMIN: run as root");
            return new NetworkNamespace(libc, back);
        } catch (IOException | RuntimeException e) {
            libc.close(back);
            throw e;
        } finally {
            if (there >= 0) {
                libc.close(there);
            }
        }
    }

    private static int open(Libc libc, String path, String what, String remedy) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return Errno.check(libc.open(arena.allocateFrom(path).address(), READ_CLOEXEC), what, remedy);
        }
    }

    /** Leaves. */
    @Override
    public void close() {
        int left = libc.setns(back, CLONE_NEWNET);
        libc.close(back);
        if (left < 0) {
            throw new IllegalStateException(
                    "this thread cannot go back to its network namespace: " + Errno.text(-left));
        }
    }
}
