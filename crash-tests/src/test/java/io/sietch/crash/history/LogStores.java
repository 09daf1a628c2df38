package io.sietch.crash.history;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Logs: texts one behind the other. */
final class LogStores {
    /** Blocks for one text. */
    static final int ROOM = 3;

    /** As many as lives in a test fill. */
    private static final int ROOMS = 10;

    private LogStores() {}

    /** Each text in a room of its own, with a checksum; a flush for each. */
    abstract static class Rooms extends SmallStore {
        Rooms(boolean repaired) {
            super(repaired);
        }

        @Override
        void recover() throws IOException {
            for (String text = next(); !text.isEmpty(); text = next()) {
                texts.add(text);
            }
        }

        String next() throws IOException {
            return disk().text(ROOM * texts.size(), ROOM);
        }

        /** So that what was found incomplete is not completed by what is written later. */
        final void eraseFrom(int room) throws IOException {
            for (int i = room; i < ROOMS; i++) {
                disk().write(ROOM * i, new byte[ROOM * Disk.BLOCK]);
            }
            disk().flush();
        }

        void writeLast(String text) throws IOException {
            disk().write(ROOM * (texts.size() - 1), Disk.seal(text));
        }
    }

    /** The flush comes after the acknowledgement; here: with the next text. */
    static final class AcknowledgeEarly extends Rooms {
        AcknowledgeEarly(boolean repaired) {
            super(repaired);
        }

        @Override
        int add(String text) throws IOException {
            if (!repaired) {
                disk().flush();
            }
            writeLast(text);
            if (repaired) {
                disk().flush();
            }
            return texts.size();
        }
    }

    /** A flush that fails marks its data clean; the next one has nothing to do, and succeeds. */
    static final class RetriedFlush extends Rooms {
        RetriedFlush(boolean repaired) {
            super(repaired);
        }

        @Override
        int add(String text) throws IOException {
            writeLast(text);
            try {
                disk().flush();
            } catch (IOException e) {
                if (repaired) {
                    throw e;
                }
                disk().flush();
            }
            return texts.size();
        }
    }

    /** No checksum: a record is whole if its last block is marked. */
    static final class EndMarkerOnly extends Rooms {
        EndMarkerOnly(boolean repaired) {
            super(repaired);
        }

        @Override
        String next() throws IOException {
            byte[] bytes = disk().read(ROOM * texts.size(), ROOM);
            return repaired || bytes[bytes.length - 1] == 0 ? Disk.text(bytes) : Disk.uncheckedText(bytes);
        }

        @Override
        int add(String text) throws IOException {
            byte[] bytes = Arrays.copyOf(Disk.seal(text), ROOM * Disk.BLOCK);
            bytes[bytes.length - 1] = (byte) 0xff;
            disk().write(ROOM * (texts.size() - 1), bytes);
            disk().flush();
            return texts.size();
        }
    }

    /** Texts go to memory first; the log is switched to the next one while memory holds some of the old one's. */
    static final class HoleBetweenLogs extends Rooms {
        private String inMemory = "";
        private int memoryRoom;

        HoleBetweenLogs(boolean repaired) {
            super(repaired);
        }

        @Override
        void recover() throws IOException {
            // Each room is a log of its own; they are read in order, and one may be missing.
            boolean hole = false;
            for (int room = 0; room < ROOMS; room++) {
                String text = disk().text(ROOM * room, ROOM);
                hole |= text.isEmpty();
                if (!text.isEmpty() && !(hole && repaired)) {
                    texts.add(text);
                }
            }
            if (repaired) {
                eraseFrom(texts.size());
            }
        }

        @Override
        int add(String text) throws IOException {
            if (inMemory.isEmpty()) {
                inMemory = text;
                memoryRoom = texts.size() - 1;
                return memoryRoom;
            }
            if (repaired) {
                disk().write(ROOM * memoryRoom, Disk.seal(inMemory));
            }
            writeLast(text);
            disk().flush();
            if (!repaired) {
                disk().write(ROOM * memoryRoom, Disk.seal(inMemory));
            }
            inMemory = "";
            return texts.size();
        }
    }

    /** Two commands are one transaction. */
    static final class PartOfTransaction extends Rooms {
        PartOfTransaction(boolean repaired) {
            super(repaired);
        }

        @Override
        String next() throws IOException {
            String first = disk().text(ROOM * texts.size(), 1);
            String second = disk().text(ROOM * texts.size() + 1, 1);
            return repaired && (first.isEmpty() || second.isEmpty()) ? "" : first + second;
        }

        @Override
        void recover() throws IOException {
            super.recover();
            if (repaired) {
                eraseFrom(texts.size());
            }
        }

        @Override
        List<String> workload(int life) {
            return List.of("MULTI SET a " + life + " SET b EXEC", "MULTI DEL a " + life + " DEL b EXEC");
        }

        @Override
        int add(String text) throws IOException {
            int room = ROOM * (texts.size() - 1);
            disk().write(room, Disk.seal(text.substring(0, 12)));
            disk().write(room + 1, Disk.seal(text.substring(12)));
            disk().flush();
            return texts.size();
        }
    }

    /** Texts are packed; what is written of a text is the blocks that it fills, less the last if it fills a part. */
    static final class UnalignedEdge extends SmallStore {
        private final ByteArrayOutputStream packed = new ByteArrayOutputStream();

        UnalignedEdge(boolean repaired) {
            super(repaired);
        }

        @Override
        void recover() throws IOException {
            byte[] all = disk().read(0, 16);
            while (true) {
                String text = Disk.text(Arrays.copyOfRange(all, packed.size(), all.length));
                if (text.isEmpty()) {
                    return;
                }
                texts.add(text);
                packed.writeBytes(Disk.seal(text));
            }
        }

        @Override
        int add(String text) throws IOException {
            int from = packed.size() / Disk.BLOCK;
            packed.writeBytes(Disk.seal(text));
            int to = repaired || packed.size() / Disk.BLOCK == from
                    ? Math.ceilDiv(packed.size(), Disk.BLOCK)
                    : packed.size() / Disk.BLOCK;
            byte[] all = Arrays.copyOf(packed.toByteArray(), to * Disk.BLOCK);
            disk().write(from, Arrays.copyOfRange(all, from * Disk.BLOCK, all.length));
            disk().flush();
            return texts.size();
        }
    }
}
