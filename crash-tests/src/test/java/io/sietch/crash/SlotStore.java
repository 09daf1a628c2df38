package io.sietch.crash;

import io.sietch.crash.file.CrashFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A subject that keeps texts, two sectors for each, and forgets to flush those that begin with an exclamation mark. */
class SlotStore implements CrashSubject<List<String>, String> {
    private static final int SLOT = 1024;

    private final List<String> texts;

    SlotStore(List<String> texts) {
        this.texts = texts;
    }

    static CrashPlan plan() {
        return CrashPlan.of("slots", new CrashGeometry(64 * SLOT, 64 * SLOT, 1, 512));
    }

    @Override
    public List<String> open(Life<String> life) throws IOException {
        FileChannel file = CrashFiles.channel(life.media());
        file.force(true);
        List<String> found = new ArrayList<>();
        ByteBuffer slot = ByteBuffer.allocate(SLOT);
        while (file.read(slot.clear(), (long) found.size() * SLOT) == SLOT && slot.get(0) > 0 && slot.get(512) > 0) {
            found.add(new String(slot.array(), 1, slot.get(0), StandardCharsets.US_ASCII));
        }
        return found;
    }

    @Override
    public void work(Life<String> life) throws IOException {
        if (life.number() > 0) {
            return;
        }
        FileChannel file = CrashFiles.channel(life.media());
        for (int i = 0; i < texts.size(); i++) {
            int number = life.attempt(texts.get(i));
            byte[] text = texts.get(i).getBytes(StandardCharsets.US_ASCII);
            ByteBuffer slot = ByteBuffer.allocate(SLOT).put((byte) text.length).put(text);
            file.write(slot.put(512, (byte) 1).clear(), (long) i * SLOT);
            if (text[0] != '!') {
                file.force(true);
            }
            life.acknowledge(number);
        }
    }

    @Override
    public void check(List<String> before, List<Deed<String>> deeds, List<String> after) {
        Prefixes.checkAppended(before, deeds, after);
    }
}
