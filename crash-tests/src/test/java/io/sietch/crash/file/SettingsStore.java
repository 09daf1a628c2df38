package io.sietch.crash.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Keeps one text in a file that is replaced as a whole. Knows nothing of the kit. */
final class SettingsStore {
    /** What was left out. */
    enum Bug {
        NONE,
        /** The new file is not synced before it takes the place of the old one. */
        NO_FILE_SYNC,
        /** The directory is not synced, so that the new file may lose its name. */
        NO_DIRECTORY_SYNC,
        /** What is found is shown although it may be in the cache only. */
        NO_SYNC_WHEN_OPENED,
        /** The file is overwritten in its place. */
        IN_PLACE
    }

    private final Path directory;
    private final Bug bug;

    SettingsStore(Path directory, Bug bug) throws IOException {
        this.directory = directory;
        this.bug = bug;
        if (bug != Bug.NO_SYNC_WHEN_OPENED) {
            if (Files.exists(current())) {
                sync(current());
            }
            sync(directory);
        }
    }

    private Path current() {
        return directory.resolve("settings");
    }

    String load() throws IOException {
        return Files.exists(current()) ? Files.readString(current()) : "";
    }

    void save(String text) throws IOException {
        Path target = bug == Bug.IN_PLACE ? current() : directory.resolve("settings.new");
        Files.writeString(
                target,
                text,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        if (bug != Bug.NO_FILE_SYNC) {
            sync(target);
        }
        if (bug != Bug.IN_PLACE) {
            Files.move(target, current(), StandardCopyOption.ATOMIC_MOVE);
        }
        if (bug != Bug.NO_DIRECTORY_SYNC) {
            sync(directory);
        }
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            channel.force(true);
        }
    }
}
