package io.sietch.crash.history;

import java.io.IOException;
import java.util.List;

/** Stores with a place that says what there is. */
final class TableStores {
    private static final int ROOM = LogStores.ROOM;

    private TableStores() {}

    /** Pages behind a header that counts them. Pages have no checksums of their own. */
    static final class GrownHeader extends SmallStore {
        GrownHeader(boolean repaired) {
            super(repaired);
        }

        @Override
        void recover() throws IOException {
            String count = disk().text(0, 1);
            for (int i = count.isEmpty() ? 0 : Integer.parseInt(count); i > 0; i--) {
                texts.add(Disk.uncheckedText(disk().read(1 + ROOM * texts.size(), ROOM)));
            }
        }

        @Override
        int add(String text) throws IOException {
            disk().write(1 + ROOM * (texts.size() - 1), Disk.seal(text));
            if (repaired) {
                disk().flush();
            }
            disk().write(0, Disk.seal(Integer.toString(texts.size())));
            disk().flush();
            return texts.size();
        }
    }

    /** The data of a file are flushed, the directory that names it is written and not flushed. */
    static final class DirectoryNotFlushed extends SmallStore {
        DirectoryNotFlushed(boolean repaired) {
            super(repaired);
        }

        @Override
        void recover() throws IOException {
            String names = disk().text(0, 1);
            for (int i = 0; i < names.length(); i++) {
                texts.add(disk().text(1 + ROOM * i, ROOM));
            }
        }

        @Override
        int add(String text) throws IOException {
            disk().write(1 + ROOM * (texts.size() - 1), Disk.seal(text));
            disk().flush();
            disk().write(0, Disk.seal("f".repeat(texts.size())));
            if (repaired) {
                disk().flush();
            }
            return texts.size();
        }
    }

    /**
     * A header with a count and a mark: clean, and the count holds, or in use, and the texts have to be counted. The
     * repair sets the mark first and the count then.
     */
    static final class RepairInTwoSteps extends SmallStore {
        RepairInTwoSteps(boolean repaired) {
            super(repaired);
        }

        @Override
        void recover() throws IOException {
            String header = disk().text(0, 1);
            boolean clean = header.startsWith("clean ");
            int count = header.isEmpty() ? 0 : Integer.parseInt(header.substring(6));
            for (String text = next(); clean ? texts.size() < count : !text.isEmpty(); text = next()) {
                texts.add(text);
            }
            if (!repaired) {
                header("clean ", count);
            }
            header("clean ", texts.size());
            header("inuse ", texts.size());
        }

        private String next() throws IOException {
            return disk().text(1 + ROOM * texts.size(), ROOM);
        }

        private void header(String mark, int count) throws IOException {
            disk().write(0, Disk.seal(mark + count));
            disk().flush();
        }

        @Override
        int add(String text) throws IOException {
            disk().write(1 + ROOM * (texts.size() - 1), Disk.seal(text));
            disk().flush();
            return texts.size();
        }
    }

    /** One file; adding a text gives it another name, in the other of two directory blocks. */
    static final class RenameInPlace extends SmallStore {
        RenameInPlace(boolean repaired) {
            super(repaired);
        }

        @Override
        List<String> after(List<String> before, String text) {
            return List.of(text);
        }

        @Override
        List<String> workload(int life) {
            return life == 0 ? List.of("1a", "2b", "3c") : List.of("4d", "5e");
        }

        @Override
        void recover() throws IOException {
            String even = disk().text(0, 1);
            String odd = disk().text(1, 1);
            if (repaired) {
                // Both names: the rename was under way, and the newer holds.
                String newer = even.compareTo(odd) > 0 ? even : odd;
                if (!newer.isEmpty()) {
                    texts.add(newer);
                }
            } else {
                texts.addAll(List.of(even, odd).stream()
                        .filter(name -> !name.isEmpty())
                        .toList());
            }
        }

        @Override
        int add(String text) throws IOException {
            disk().write(text.charAt(0) % 2, Disk.seal(text));
            if (repaired) {
                disk().flush();
            }
            disk().write(1 - text.charAt(0) % 2, new byte[Disk.BLOCK]);
            disk().flush();
            return texts.size();
        }
    }
}
