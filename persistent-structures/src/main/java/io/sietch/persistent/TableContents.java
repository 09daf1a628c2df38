package io.sietch.persistent;

/**
 * What applying a table's items in their order gives: where the newest item of each key is, and how much they are
 * together.
 *
 * <p>Threads: changed by one; index and figures say who may read them.
 */
final class TableContents {
    private final TableIndex index;
    private final TableFigures figures = new TableFigures();
    private final TableItem probe;

    TableContents(LogCore log, TableIndex index) {
        this.index = index;
        this.probe = new TableItem(log);
    }

    TableIndex index() {
        return index;
    }

    TableFigures figures() {
        return figures;
    }

    /**
     * Applies an item.
     *
     * @param hash of its key
     * @param base no living item is before it
     */
    void apply(TableItem item, long hash, long base) {
        probe.wanting(item.segment(), item.keyOffset(), item.keyLength());
        switch (item.kind()) {
            case TableRecordFormat.PUT -> {
                boolean replaced = index.put(hash, item.position(), base, probe);
                figures.put(item, replaced ? probe : null);
            }
            case TableRecordFormat.REMOVE -> {
                if (index.remove(hash, base, probe)) {
                    figures.remove(probe);
                }
            }
            case TableRecordFormat.CLEAR -> {
                index.clear();
                figures.clear();
            }
            default -> {}
        }
    }
}
