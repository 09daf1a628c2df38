package io.sietch.redis;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The requests of one connection that have arrived together, decoded before the first of them is executed: so what all
 * of them will need can be fetched into the caches at once, and not one after the other. One thread.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A request of a batch is nobody else's until {@link #clear}.
 *   <li>A line typed by hand is a batch by itself: its arguments may lie in memory that the next one needs.
 * </ol>
 */
final class RequestBatch {
    /** As many as have all their cache misses under way at once. */
    static final int MAX = 16;

    private final Requests requests;
    private final Request[] batch = new Request[MAX];
    private final int[] ends = new int[MAX];
    private int size;
    private int end;
    private RespDecoder.Result last = RespDecoder.Result.INCOMPLETE;

    RequestBatch(Requests requests) {
        this.requests = requests;
    }

    /**
     * Decodes what has arrived completely, up to {@link #MAX} requests or what is no request.
     *
     * @param start of the received bytes in the memory
     * @param from how many of them were used up already
     * @param length how many there are
     * @param trusted false as long as a password is missing, and then one request is enough
     */
    void fill(RespDecoder decoder, MemorySegment memory, long start, int from, int length, boolean trusted) {
        end = from;
        last = RespDecoder.Result.REQUEST;
        int most = trusted ? MAX : 1;
        while (size < most && end < length) {
            boolean isLine = memory.get(ValueLayout.JAVA_BYTE, start + end) != '*';
            if (isLine && size > 0) {
                return;
            }
            last = decoder.decode(memory, start + end, length - end, trusted);
            if (last == RespDecoder.Result.INCOMPLETE || last == RespDecoder.Result.ERROR) {
                return;
            }
            end += decoder.length();
            if (last == RespDecoder.Result.REQUEST) {
                batch[size] = decoder.take();
                ends[size++] = end;
            } else {
                decoder.next();
            }
            if (isLine) {
                return;
            }
        }
    }

    /** How many requests there are. */
    int size() {
        return size;
    }

    Request[] requests() {
        return batch;
    }

    Request request(int i) {
        return batch[i];
    }

    /** How many bytes are used up when request {@code i} is executed. */
    int end(int i) {
        return ends[i];
    }

    /** How many are when all are, with the nothing after them. */
    int end() {
        return end;
    }

    /** What came after the last request. */
    RespDecoder.Result last() {
        return last;
    }

    /** All were executed, or will be decoded again. */
    void clear() {
        for (int i = 0; i < size; i++) {
            requests.giveBack(batch[i]);
        }
        size = 0;
    }
}
