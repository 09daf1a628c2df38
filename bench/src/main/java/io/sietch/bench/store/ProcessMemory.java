package io.sietch.bench.store;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory of this process that nobody else could use: what is in use of the heap, and the anonymous memory outside
 * it. The heap is told by its place: with compressed pointers, it lies below 32 GiB, and nothing large of anybody else
 * does.
 *
 * @param ownBytes heap in use and other anonymous memory
 * @param mappedBytes resident pages of files, which the kernel may take back
 */
record ProcessMemory(long ownBytes, long mappedBytes) {
    private static final long HEAP_END = 32L << 30;
    private static final Path MAPS = Path.of("/proc/self/smaps");

    /** Looks, after collecting garbage. NaN-like zeros where there is no Linux. */
    static ProcessMemory now() throws IOException {
        for (int i = 0; i < 2; i++) {
            System.gc();
        }
        long own = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        long mapped = 0;
        if (!Files.isReadable(MAPS)) {
            return new ProcessMemory(own, mapped);
        }
        boolean outside = false;
        long resident = 0;
        for (String line : Files.readAllLines(MAPS)) {
            int dash = line.indexOf('-');
            if (dash > 0 && line.charAt(0) <= 'f' && line.indexOf(' ') > dash) {
                outside = Long.parseUnsignedLong(line.substring(0, dash), 16) >= HEAP_END;
            } else if (line.startsWith("Rss:")) {
                resident = kib(line);
            } else if (line.startsWith("Anonymous:") && outside) {
                own += kib(line);
                mapped += resident - kib(line);
            }
        }
        return new ProcessMemory(own, mapped);
    }

    private static long kib(String line) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
    }
}
