package io.sietch.vnic;

import io.sietch.net.EthernetFormat;
import io.sietch.net.Ipv4Format;
import java.lang.foreign.MemorySegment;

/**
 * A predicate on the headers of a frame: each part that is set has to fit, the others may be anything. As a receive
 * filter it says which frames a VNIC gets, as a transmit filter which it may send. Where several receive filters match,
 * the more specific one wins: the one that fixes more bits.
 *
 * <p>For ARP packets the addresses are those of the sender and of the target.
 *
 * @param destinationMac low 48 bits, or {@link #ANY}
 * @param sourceMac low 48 bits, or {@link #ANY}
 * @param etherType as {@link EthernetFormat#IPV4}, or {@link #ANY}
 * @param protocol of IPv4, as {@link Ipv4Format#TCP}, or {@link #ANY}
 * @param source IPv4 address, of which the first {@code sourceBits} count
 * @param sourceBits 0 to 32
 * @param destination IPv4 address, of which the first {@code destinationBits} count
 * @param destinationBits 0 to 32
 * @param sourcePorts of TCP or UDP
 * @param destinationPorts of TCP or UDP
 */
public record FrameFilter(
        long destinationMac,
        long sourceMac,
        int etherType,
        int protocol,
        int source,
        int sourceBits,
        int destination,
        int destinationBits,
        Ports sourcePorts,
        Ports destinationPorts) {
    /** Stands for a part that is not looked at. */
    public static final int ANY = -1;

    /** Matches every frame. */
    public static final FrameFilter ALL = new FrameFilter(ANY, ANY, ANY, ANY, 0, 0, 0, 0, Ports.ALL, Ports.ALL);

    private static final int ADDRESS_BITS = 32;
    private static final int MAC_BITS = 48;

    /**
     * A range of ports. All of them also stands for frames without ports.
     *
     * @param first from 0
     * @param last included, up to 65535
     */
    public record Ports(int first, int last) {
        /** All, or none at all. */
        public static final Ports ALL = new Ports(0, 0xFFFF);

        public Ports {
            if (first < 0 || last < first || last > 0xFFFF) {
                throw new IllegalArgumentException("ports " + first + " to " + last + ": must be within 0 to 65535");
            }
        }

        /** Whether it has a port, or has all while there is none. */
        boolean have(int port) {
            return equals(ALL) || port >= first && port <= last;
        }

        /** How many bits the range fixes, for a range of a power of two. */
        int fixedBits() {
            return Integer.SIZE - 16 - (Integer.SIZE - Integer.numberOfLeadingZeros(last - first));
        }
    }

    public FrameFilter {
        if (destinationMac < ANY
                || destinationMac > EthernetFormat.BROADCAST
                || sourceMac < ANY
                || sourceMac > EthernetFormat.BROADCAST) {
            throw new IllegalArgumentException("addresses " + Long.toHexString(destinationMac) + " and "
                    + Long.toHexString(sourceMac) + ": must have 48 bits");
        }
        if (etherType < ANY || etherType > 0xFFFF || protocol < ANY || protocol > 0xFF) {
            throw new IllegalArgumentException(
                    "type " + etherType + ", protocol " + protocol + ": must have 16 and 8 bits");
        }
        source = prefix(source, sourceBits);
        destination = prefix(destination, destinationBits);
        // Only IPv4 has protocols, and only TCP and UDP have ports; a filter says so, or it would count too few bits.
        if (protocol != ANY && etherType == ANY) {
            etherType = EthernetFormat.IPV4;
        }
    }

    private static int prefix(int address, int bits) {
        if (bits < 0 || bits > ADDRESS_BITS) {
            throw new IllegalArgumentException("a prefix of " + bits + " bits: must be 0 to 32");
        }
        return bits == 0 ? 0 : address & -1 << ADDRESS_BITS - bits;
    }

    public FrameFilter to(long mac) {
        return new FrameFilter(
                mac,
                sourceMac,
                etherType,
                protocol,
                source,
                sourceBits,
                destination,
                destinationBits,
                sourcePorts,
                destinationPorts);
    }

    public FrameFilter from(long mac) {
        return new FrameFilter(
                destinationMac,
                mac,
                etherType,
                protocol,
                source,
                sourceBits,
                destination,
                destinationBits,
                sourcePorts,
                destinationPorts);
    }

    public FrameFilter type(int newEtherType) {
        return new FrameFilter(
                destinationMac,
                sourceMac,
                newEtherType,
                protocol,
                source,
                sourceBits,
                destination,
                destinationBits,
                sourcePorts,
                destinationPorts);
    }

    public FrameFilter protocol(int newProtocol) {
        return new FrameFilter(
                destinationMac,
                sourceMac,
                etherType,
                newProtocol,
                source,
                sourceBits,
                destination,
                destinationBits,
                sourcePorts,
                destinationPorts);
    }

    public FrameFilter source(int address, int bits) {
        return new FrameFilter(
                destinationMac,
                sourceMac,
                etherType,
                protocol,
                address,
                bits,
                destination,
                destinationBits,
                sourcePorts,
                destinationPorts);
    }

    public FrameFilter destination(int address, int bits) {
        return new FrameFilter(
                destinationMac,
                sourceMac,
                etherType,
                protocol,
                source,
                sourceBits,
                address,
                bits,
                sourcePorts,
                destinationPorts);
    }

    public FrameFilter sourcePorts(int first, int last) {
        return new FrameFilter(
                destinationMac,
                sourceMac,
                etherType,
                protocol,
                source,
                sourceBits,
                destination,
                destinationBits,
                new Ports(first, last),
                destinationPorts);
    }

    public FrameFilter destinationPorts(int first, int last) {
        return new FrameFilter(
                destinationMac,
                sourceMac,
                etherType,
                protocol,
                source,
                sourceBits,
                destination,
                destinationBits,
                sourcePorts,
                new Ports(first, last));
    }

    /**
     * Whether a frame fits, part by part. For whoever asks now and then: the switch compiles its filters, and the wires
     * of Linux have the kernel run theirs.
     *
     * @param frame holds the frame at its beginning
     * @param length of the frame, at least that of the Ethernet header
     */
    public boolean matches(MemorySegment frame, int length) {
        FrameHeader header = new FrameHeader();
        header.parse(frame, Math.min(length, FrameHeader.BYTES));
        return (destinationMac == ANY || destinationMac == header.link >>> 16)
                && (sourceMac == ANY || sourceMac == header.origin >>> 16)
                && (etherType == ANY || etherType == (header.link & 0xFFFF))
                && (protocol == ANY || protocol == (header.origin >>> 8 & 0xFF))
                && prefix((int) (header.addresses >>> 32), sourceBits) == source
                && prefix((int) header.addresses, destinationBits) == destination
                && sourcePorts.have(header.sourcePort)
                && destinationPorts.have(header.destinationPort);
    }

    /** How many bits of a frame it fixes. */
    public int specificity() {
        return (destinationMac == ANY ? 0 : MAC_BITS)
                + (sourceMac == ANY ? 0 : MAC_BITS)
                + (etherType == ANY ? 0 : 16)
                + (protocol == ANY ? 0 : 8)
                + sourceBits
                + destinationBits
                + sourcePorts.fixedBits()
                + destinationPorts.fixedBits();
    }
}
