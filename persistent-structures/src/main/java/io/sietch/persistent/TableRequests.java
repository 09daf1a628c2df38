package io.sietch.persistent;

import java.lang.foreign.MemorySegment;

/** Payloads are requests to a table. */
record TableRequests(TableCore table) implements LogTenant {
    @Override
    public long append(MemorySegment request, long offset, int length) {
        long condition = TableRequestFormat.condition(request, offset);
        long record = offset + TableRequestFormat.RECORD;
        int recordLength = length - TableRequestFormat.RECORD;
        long end;
        if (condition == TableRequestFormat.ALWAYS) {
            end = table.append(request, record, recordLength);
        } else if (condition == TableRequestFormat.IF_THERE) {
            int keyLength = TableRecordFormat.keyLength(request, record);
            boolean there = table.find(request, record + TableRecordFormat.KEY, keyLength);
            end = there ? table.append(request, record, recordLength) : TableCore.MISMATCH;
        } else {
            end = table.appendIf(condition, request, record, recordLength);
        }
        return end == TableCore.MISMATCH ? UNDONE : end;
    }

    @Override
    public int poll() {
        return table.advance();
    }

    @Override
    public long idleNanos() {
        return table.idleNanos();
    }

    @Override
    public long completed() {
        return table.applied();
    }

    @Override
    public String whyFull() {
        int open = table.openSnapshots();
        return open == 0 ? "" : "; room is kept for snapshots that are open, " + open + " of them: close them";
    }

    @Override
    public long areaBytesWanted() {
        return table.wantedAreaBytes();
    }
}
