package io.sietch.net;

/** What a {@link Stack} has seen and done. Thread: that of the stack. */
public final class StackCounters {
    private long received;
    private long sent;
    private long malformed;
    private long badChecksums;
    private long notForUs;
    private long fragments;
    private long reassembled;
    private long abandoned;
    private long resetsSent;
    private long retransmissions;
    private long challenges;
    private long oldTimestamps;
    private long ignoredResets;
    private long refusedSyns;
    private long unresolved;
    private long cookiesSent;
    private long cookiesAccepted;

    StackCounters() {}

    /** Frames received. */
    public long received() {
        return received;
    }

    /** Frames sent. */
    public long sent() {
        return sent;
    }

    /** Packets whose lengths do not add up. */
    public long malformed() {
        return malformed;
    }

    /** Packets with a wrong checksum, of IPv4 or of the protocol above. */
    public long badChecksums() {
        return badChecksums;
    }

    /** Packets for another address, or from one that cannot send. */
    public long notForUs() {
        return notForUs;
    }

    /** Fragments received. */
    public long fragments() {
        return fragments;
    }

    /** Packets put together of fragments. */
    public long reassembled() {
        return reassembled;
    }

    /** Packets of which fragments came and that were given up: too late, too many, too long, or with overlaps. */
    public long abandoned() {
        return abandoned;
    }

    /** Resets sent. */
    public long resetsSent() {
        return resetsSent;
    }

    /** TCP segments sent again. */
    public long retransmissions() {
        return retransmissions;
    }

    /** Challenge acknowledgements of RFC 5961. */
    public long challenges() {
        return challenges;
    }

    /** Segments dropped because of an old timestamp. */
    public long oldTimestamps() {
        return oldTimestamps;
    }

    /** Resets that came in TIME-WAIT. */
    public long ignoredResets() {
        return ignoredResets;
    }

    /** SYNs that were ignored because there were as many connections as there may be. */
    public long refusedSyns() {
        return refusedSyns;
    }

    /** Packets dropped because nobody said who has their next hop. */
    public long unresolved() {
        return unresolved;
    }

    /** SYNs that were answered without being remembered, because too many connections were half open. */
    public long cookiesSent() {
        return cookiesSent;
    }

    /** Connections that came of such an answer. */
    public long cookiesAccepted() {
        return cookiesAccepted;
    }

    void countReceived() {
        received++;
    }

    void countSent() {
        sent++;
    }

    void countMalformed() {
        malformed++;
    }

    void countBadChecksum() {
        badChecksums++;
    }

    void countNotForUs() {
        notForUs++;
    }

    void countFragment() {
        fragments++;
    }

    void countReassembled() {
        reassembled++;
    }

    void countAbandoned() {
        abandoned++;
    }

    void countReset() {
        resetsSent++;
    }

    void countRetransmission() {
        retransmissions++;
    }

    void countChallenge() {
        challenges++;
    }

    void countOldTimestamp() {
        oldTimestamps++;
    }

    void countIgnoredReset() {
        ignoredResets++;
    }

    void countRefusedSyn() {
        refusedSyns++;
    }

    void countCookieSent() {
        cookiesSent++;
    }

    void countCookieAccepted() {
        cookiesAccepted++;
    }

    void countUnresolved() {
        unresolved++;
    }
}
