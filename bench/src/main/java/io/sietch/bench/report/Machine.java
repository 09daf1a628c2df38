package io.sietch.bench.report;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What a run was measured on.
 *
 * @param processor model and number of cores
 * @param memoryGiB main memory
 * @param system kernel and its version
 * @param java version of the running JVM
 * @param fileSystem type of the file system of the data directory
 */
public record Machine(String processor, double memoryGiB, String system, String java, String fileSystem) {
    /**
     * Looks around.
     *
     * @param directory an existing directory on the file system that is measured
     */
    public static Machine of(Path directory) throws IOException {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Machine(
                processorModel() + ", " + Runtime.getRuntime().availableProcessors() + " cores",
                system.getTotalMemorySize() / (double) (1 << 30),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.name") + " " + Runtime.version(),
                Files.getFileStore(directory).type());
    }

    private static String processorModel() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        if (Files.isReadable(info)) {
            for (String line : Files.readAllLines(info)) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        }
        return System.getProperty("os.arch");
    }

    /** Whether the data directory is in memory, where a flush costs nothing and durable rates say little. */
    public boolean inMemory() {
        return fileSystem.equals("tmpfs") || fileSystem.equals("ramfs");
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%s; %.0f GiB; %s; %s; data on %s", processor, memoryGiB, system, java, fileSystem);
    }
}
