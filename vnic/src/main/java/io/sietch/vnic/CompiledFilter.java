package io.sietch.vnic;

/**
 * A {@link FrameFilter} as the data path runs it: three masked comparisons and two ranges, whatever the filter says.
 * What a filter leaves open has a mask of zero.
 */
final class CompiledFilter {
    private static final long PROTOCOL_MASK = 0xFF00;
    private static final long MAC_MASK = 0xFFFF_FFFF_FFFF_0000L;

    private final long link;
    private final long linkMask;
    private final long origin;
    private final long originMask;
    private final long addresses;
    private final long addressesMask;
    private final int sourceFirst;
    private final int sourceLast;
    private final int destinationFirst;
    private final int destinationLast;

    CompiledFilter(FrameFilter filter) {
        this.linkMask = (filter.destinationMac() == FrameFilter.ANY ? 0 : MAC_MASK)
                | (filter.etherType() == FrameFilter.ANY ? 0 : 0xFFFF);
        this.link = (filter.destinationMac() << 16 | filter.etherType() & 0xFFFF) & linkMask;
        this.originMask = (filter.sourceMac() == FrameFilter.ANY ? 0 : MAC_MASK)
                | (filter.protocol() == FrameFilter.ANY ? 0 : PROTOCOL_MASK);
        this.origin = (filter.sourceMac() << 16 | (filter.protocol() & 0xFF) << 8) & originMask;
        this.addressesMask = mask(filter.sourceBits()) << 32 | mask(filter.destinationBits());
        this.addresses = (long) filter.source() << 32 | filter.destination() & 0xFFFF_FFFFL;
        this.sourceFirst = first(filter.sourcePorts());
        this.sourceLast = filter.sourcePorts().last();
        this.destinationFirst = first(filter.destinationPorts());
        this.destinationLast = filter.destinationPorts().last();
    }

    private static long mask(int bits) {
        return bits == 0 ? 0 : -1 << 32 - bits & 0xFFFF_FFFFL;
    }

    private static int first(FrameFilter.Ports ports) {
        return ports.equals(FrameFilter.Ports.ALL) ? FrameHeader.NO_PORT : ports.first();
    }

    boolean matches(FrameHeader header) {
        return ((header.link ^ link) & linkMask
                                | (header.origin ^ origin) & originMask
                                | (header.addresses ^ addresses) & addressesMask)
                        == 0
                && header.sourcePort >= sourceFirst
                && header.sourcePort <= sourceLast
                && header.destinationPort >= destinationFirst
                && header.destinationPort <= destinationLast;
    }
}
