package io.sietch.vnic.linux;

import java.io.IOException;

/** Error numbers of Linux, and what to tell people about them. */
final class Errno {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EIO = 5;
    static final int EAGAIN = 11;
    static final int ENOMEM = 12;
    static final int EACCES = 13;
    static final int EBUSY = 16;
    static final int EEXIST = 17;
    static final int ENODEV = 19;
    static final int EINVAL = 22;
    static final int ERANGE = 34;
    static final int ENOSYS = 38;
    static final int EPROTOTYPE = 91;
    static final int EOPNOTSUPP = 95;
    static final int EAFNOSUPPORT = 97;
    static final int ENETDOWN = 100;
    static final int ENOBUFS = 105;
    static final int ECONNREFUSED = 111;

    private Errno() {}

    static String text(int errno) {
        return switch (errno) {
                    case EPERM -> "not permitted";
                    case ENOENT -> "no such file";
                    case EACCES -> "permission denied";
                    case EBUSY -> "somebody else has it";
                    case ENODEV -> "no such device";
                    case EINVAL -> "invalid argument";
                    case ENOMEM -> "no memory";
                    case EEXIST -> "there is one already";
                    case ERANGE -> "out of range";
                    case ENOSYS, EOPNOTSUPP, EAFNOSUPPORT -> "not supported";
                    case ENETDOWN -> "the network is down";
                    case ENOBUFS -> "no buffer space";
                    case ECONNREFUSED -> "nobody is there";
                    default -> "see errno(3)";
                }
                + " (error " + errno + ")";
    }

    /**
     * Passes a result on if it is one.
     *
     * @param result of a call: not negative, or the negative error number
     * @param what was tried
     * @param remedy what to do about it; may be empty
     */
    static int check(long result, String what, String remedy) throws IOException {
        if (result >= 0) {
            return (int) result;
        }
        throw new IOException("cannot " + what + ": " + text((int) -result) + (remedy.isEmpty() ? "" : "; " + remedy));
    }
}
