package io.sietch.crash.tutorial;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Keeps notes of up to 500 bytes, each in 512 bytes of its own. */
final class Notes {
    private static final int SIZE = 512;

    private final FileChannel file;
    private final List<String> notes = new ArrayList<>();

    Notes(Path directory) throws IOException {
        file = FileChannel.open(
                directory.resolve("notes"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        file.force(true); // what is read now must not be lost later
        try (FileChannel names = FileChannel.open(directory)) {
            names.force(true); // nor the file's name
        }
        ByteBuffer slot = ByteBuffer.allocate(SIZE);
        while (file.read(slot.clear(), (long) notes.size() * SIZE) == SIZE && slot.getInt(0) > 0) {
            notes.add(new String(slot.array(), Integer.BYTES, slot.getInt(0), StandardCharsets.UTF_8));
        }
    }

    List<String> all() {
        return List.copyOf(notes);
    }

    void add(String note) throws IOException {
        byte[] text = note.getBytes(StandardCharsets.UTF_8);
        ByteBuffer slot = ByteBuffer.allocate(SIZE).putInt(text.length).put(text);
        file.write(slot.clear(), (long) notes.size() * SIZE);
        file.force(true);
        notes.add(note);
    }
}
