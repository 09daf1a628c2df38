package io.sietch.vnic.daemon;

import io.sietch.net.EthernetFormat;
import io.sietch.net.Ipv4Format;
import io.sietch.vnic.FrameFilter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * Filters as people write them: words that each fix a part, such as {@code udp from 10.0.0.7 to-port 53} or
 * {@code arp}. What is not named may be anything; {@code all} is everything.
 */
final class FilterText {
    /** How filters are written, for help and messages. */
    static final String SYNTAX = "words of: all, ipv4, arp, udp, tcp, icmp, from A.B.C.D[/BITS], to A.B.C.D[/BITS],"
            + " from-port N[-N], to-port N[-N], from-mac XX:XX:XX:XX:XX:XX, to-mac XX:XX:XX:XX:XX:XX";

    private static final int ICMP = 1;

    private FilterText() {}

    /** @throws IllegalArgumentException telling what is wrong, and how it should be */
    static FrameFilter parse(String text) {
        FrameFilter filter = FrameFilter.ALL;
        Iterator<String> words = Arrays.asList(text.strip().split("\\s+")).iterator();
        try {
            while (words.hasNext()) {
                filter = with(filter, words.next(), words);
            }
            return filter;
        } catch (IllegalArgumentException | java.util.NoSuchElementException e) {
            throw new IllegalArgumentException("filter \"" + text + "\": must be " + SYNTAX, e);
        }
    }

    private static FrameFilter with(FrameFilter filter, String word, Iterator<String> more) {
        return switch (word) {
            case "all" -> filter;
            case "ipv4" -> filter.type(EthernetFormat.IPV4);
            case "arp" -> filter.type(EthernetFormat.ARP);
            case "udp" -> filter.protocol(Ipv4Format.UDP);
            case "tcp" -> filter.protocol(Ipv4Format.TCP);
            case "icmp" -> filter.protocol(ICMP);
            case "from" -> {
                String[] sides = more.next().split("/", 2);
                yield filter.source(Ipv4Format.parse(sides[0]), bits(sides));
            }
            case "to" -> {
                String[] sides = more.next().split("/", 2);
                yield filter.destination(Ipv4Format.parse(sides[0]), bits(sides));
            }
            case "from-port" -> {
                String[] ends = more.next().split("-", 2);
                yield filter.sourcePorts(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
            }
            case "to-port" -> {
                String[] ends = more.next().split("-", 2);
                yield filter.destinationPorts(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
            }
            case "from-mac" -> filter.from(mac(more.next()));
            case "to-mac" -> filter.to(mac(more.next()));
            default -> throw new IllegalArgumentException(word);
        };
    }

    private static int bits(String[] sides) {
        return sides.length < 2 ? Integer.SIZE : Integer.parseInt(sides[1]);
    }

    private static long mac(String text) {
        if (!text.matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")) {
            throw new IllegalArgumentException(text);
        }
        return Long.parseLong(text.replace(":", ""), 16);
    }

    static String mac(long mac) {
        return String.format("%012x", mac).replaceAll("..(?!$)", "$0:");
    }

    /** What {@link #parse} would read. */
    static String of(FrameFilter filter) {
        List<String> words = new ArrayList<>();
        if (filter.protocol() != FrameFilter.ANY) {
            words.add(protocol(filter.protocol()));
        } else if (filter.etherType() != FrameFilter.ANY) {
            words.add(filter.etherType() == EthernetFormat.ARP ? "arp" : "ipv4");
        }
        add(words, "from-mac", filter.sourceMac());
        add(words, "to-mac", filter.destinationMac());
        add(words, "from", filter.source(), filter.sourceBits());
        add(words, "to", filter.destination(), filter.destinationBits());
        add(words, "from-port", filter.sourcePorts());
        add(words, "to-port", filter.destinationPorts());
        return words.isEmpty() ? "all" : String.join(" ", words);
    }

    private static String protocol(int protocol) {
        return protocol == Ipv4Format.UDP ? "udp" : protocol == Ipv4Format.TCP ? "tcp" : "icmp";
    }

    private static void add(List<String> words, String word, long mac) {
        if (mac != FrameFilter.ANY) {
            words.add(word + " " + mac(mac));
        }
    }

    private static void add(List<String> words, String word, int address, int bits) {
        if (bits > 0) {
            words.add(word + " " + Ipv4Format.text(address) + (bits < Integer.SIZE ? "/" + bits : ""));
        }
    }

    private static void add(List<String> words, String word, FrameFilter.Ports ports) {
        if (!ports.equals(FrameFilter.Ports.ALL)) {
            words.add(word + " " + ports.first() + (ports.first() < ports.last() ? "-" + ports.last() : ""));
        }
    }
}
