package io.sietch.crash.peer;

import io.sietch.crash.CrashSubject;
import io.sietch.crash.Deed;
import io.sietch.crash.Life;
import io.sietch.crash.Prefixes;
import io.sietch.crash.file.CrashFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * H2's MVStore, held to what it says: {@code commit} writes a version, {@code sync} makes it durable. So after the two
 * the version is there, before them it is there whole or not at all, and the store opens.
 */
final class MvStoreSubject implements CrashSubject<Map<String, String>, Map<String, String>> {
    /** What the harness does for MVStore besides calling it. */
    enum Care {
        NONE,
        /** Makes the file, and syncs the directory, before MVStore comes to it. */
        NAME,
        /** Makes the whole store, and makes it anew if the power went meanwhile. */
        CREATION
    }

    private static final int COMMITS = 4;

    private final Care care;
    private @Nullable MVStore store;
    private @Nullable MVMap<String, String> map;

    MvStoreSubject(String care) {
        this.care = Care.valueOf(care);
    }

    @Override
    public Map<String, String> open(Life<Map<String, String>> life) throws IOException {
        FileSystem files = CrashFiles.mount(life.media());
        H2FilePath.live(files);
        Path file = files.getPath("/store");
        switch (care) {
            case NONE -> {}
            case NAME -> {
                if (!Files.exists(file)) {
                    Files.createFile(file);
                }
                sync(files.getPath("/"));
            }
            case CREATION -> create(files, file);
        }
        MVStore opened = openStore();
        store = opened;
        MVMap<String, String> found = opened.openMap("data");
        map = found;
        // What is shown from here on was perhaps only written by a process that was killed.
        opened.sync();
        return new TreeMap<>(found);
    }

    private static void create(FileSystem files, Path file) throws IOException {
        Path done = files.getPath("/created");
        if (!Files.exists(done)) {
            Files.deleteIfExists(file);
            try (MVStore first = openStore()) {
                first.openMap("data");
                first.commit();
            }
            sync(file);
            sync(files.getPath("/"));
            Files.createFile(done);
        }
        sync(files.getPath("/"));
    }

    private static MVStore openStore() {
        return new MVStore.Builder()
                .fileName(H2FilePath.SCHEME + ":/store")
                .autoCommitDisabled()
                .cacheSize(1)
                .open();
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            channel.force(true);
        }
    }

    @Override
    public void work(Life<Map<String, String>> life) {
        MVMap<String, String> opened = Objects.requireNonNull(map);
        for (int commit = 0; commit < COMMITS; commit++) {
            Map<String, String> puts = new TreeMap<>();
            for (int i = 0; i < 8 * (commit + 1); i++) {
                puts.put("key " + i, ("life " + life.number() + " commit " + commit + " ").repeat(1 + i % 4 * 12));
            }
            int number = life.attempt(puts);
            opened.putAll(puts);
            Objects.requireNonNull(store).commit();
            Objects.requireNonNull(store).sync();
            life.acknowledge(number);
        }
    }

    @Override
    public void check(Map<String, String> before, List<Deed<Map<String, String>>> deeds, Map<String, String> after) {
        Prefixes.checkPut(before, deeds, after);
    }

    @Override
    public void close() {
        if (store != null) {
            store.closeImmediately();
        }
    }
}
