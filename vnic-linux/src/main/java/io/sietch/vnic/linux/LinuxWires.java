package io.sietch.vnic.linux;

import io.sietch.net.EthernetFormat;
import io.sietch.net.Ipv4Format;
import io.sietch.vnic.SharedVnic;
import io.sietch.vnic.Wire;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Opens the wires of Linux by URL. There are three kinds:
 *
 * <ul>
 *   <li>{@code tap://NAME?ip=A.B.C.D/BITS}, with {@code host=A.B.C.D} for what the kernel's end of the interface shall
 *       have as its address, {@code netns=NAME} for the network namespace that it shall be in, and
 *       {@code mac=XX:XX:XX:XX:XX:XX} for ours, if wanted.
 *   <li>{@code xdp://NAME?ip=A.B.C.D/BITS}, an interface that is there, with {@code queue=N} for another queue than the
 *       first, and {@code mode=zero-copy} to let it write into our memory if it can, if wanted.
 *   <li>{@code vnicd:///PATH}, the door at which another process hands out a network card.
 * </ul>
 */
public final class LinuxWires {
    private static final String TAP = "tap://";
    private static final String XDP = "xdp://";
    private static final String CARD = "vnicd://";
    private static final String ZERO_COPY = "zero-copy";

    /** Locally administered, "SI"; the rest of a default address are the last three bytes of the IPv4 address. */
    private static final long MAC_PREFIX = 0x02_53_49_000000L;

    private static final Set<String> TAP_WORDS = Set.of("ip", "host", "mac", "netns");
    private static final Set<String> XDP_WORDS = Set.of("ip", "queue", "mode");
    private static final Set<String> MODES = Set.of("copy", ZERO_COPY);
    private static final int MAX_QUEUE = 4095;

    private LinuxWires() {}

    /** Whether a URL is one of these, by its scheme. */
    public static boolean knows(String url) {
        return url.startsWith(TAP) || url.startsWith(XDP) || url.startsWith(CARD);
    }

    /**
     * Says what is wrong with a URL.
     *
     * @throws IllegalArgumentException telling how it should be
     */
    public static void check(String url) {
        if (url.startsWith(CARD)) {
            door(url);
        } else {
            parse(url);
        }
    }

    /**
     * Opens a wire.
     *
     * @throws IllegalArgumentException if the URL says nothing that can be done
     * @throws IOException if the system refuses, telling what it needs
     */
    public static Wire open(String url) throws IOException {
        check(url);
        if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux")) {
            throw new IOException("cannot open " + url + ": such wires exist on Linux only");
        }
        if (url.startsWith(CARD)) {
            Path door = door(url);
            UnixSocket connection = UnixSocket.connectIfMessages(door);
            return connection == null ? SharedVnic.wire(door) : XdpWire.granted(connection, door);
        }
        Place place = parse(url);
        return place.queue() < 0
                ? TapWire.open(place.name(), place.mac(), place.ip(), place.host(), place.bits(), place.namespace())
                : XdpWire.open(place.name(), place.queue(), place.ip(), place.zeroCopy());
    }

    private static Path door(String url) {
        try {
            URI uri = URI.create(url);
            String path = uri.getPath();
            if (uri.getAuthority() == null && uri.getQuery() == null && path != null && path.length() > 1) {
                return Path.of(path);
            }
        } catch (IllegalArgumentException e) {
            throw refused(url, e);
        }
        throw refused(url, null);
    }

    /** What a URL says; {@code host} is 0 if it does not, {@code queue} is -1 for TAP. */
    record Place(
            String name,
            int ip,
            int bits,
            int host,
            long mac,
            int queue,
            boolean zeroCopy,
            @Nullable String namespace) {}

    static Place parse(String url) {
        boolean xdp = url.startsWith(XDP);
        Set<String> known = xdp ? XDP_WORDS : TAP_WORDS;
        Map<String, String> words = new HashMap<>();
        String name;
        try {
            URI uri = URI.create(url);
            name = uri.getAuthority();
            if (!knows(url) || name == null || !InterfaceRequestFormat.isName(name) || !"".equals(uri.getPath())) {
                throw refused(url, null);
            }
            for (String word : (uri.getQuery() == null ? "" : uri.getQuery()).split("&")) {
                String[] sides = word.split("=", 2);
                if (sides.length != 2 || !known.contains(sides[0]) || words.put(sides[0], sides[1]) != null) {
                    throw refused(url, null);
                }
            }
        } catch (IllegalArgumentException e) {
            throw refused(url, e);
        }
        String[] ip = words.getOrDefault("ip", "").split("/", 2);
        int address = host(ip[0], url);
        int bits = ip.length < 2 ? Integer.SIZE : ip[1].matches("\\d{1,2}") ? Integer.parseInt(ip[1]) : 0;
        int host = words.containsKey("host") ? host(words.get("host"), url) : 0;
        boolean together = host == 0 || host != address && (host ^ address) >>> Integer.SIZE - bits == 0;
        if (bits < 1 || bits > Integer.SIZE || !together) {
            throw refused(url, null);
        }
        String mode = words.getOrDefault("mode", "copy");
        String namespace = words.get("netns");
        if (namespace != null && !NetworkNamespace.isName(namespace)) {
            throw refused(url, null);
        }
        if (!MODES.contains(mode)) {
            throw refused(url, null);
        }
        long mac = mac(words.get("mac"), MAC_PREFIX | address & 0xFFFFFF, url);
        int queue = xdp ? queue(words.getOrDefault("queue", "0"), url) : -1;
        return new Place(name, address, bits, host, mac, queue, mode.equals(ZERO_COPY), namespace);
    }

    private static int queue(String text, String url) {
        if (!text.matches("\\d{1,4}") || Integer.parseInt(text) > MAX_QUEUE) {
            throw refused(url, null);
        }
        return Integer.parseInt(text);
    }

    private static int host(@Nullable String text, String url) {
        try {
            int address = Ipv4Format.parse(text == null ? "" : text);
            if (!Ipv4Format.isHost(address)) {
                throw refused(url, null);
            }
            return address;
        } catch (IllegalArgumentException e) {
            throw refused(url, e);
        }
    }

    private static long mac(@Nullable String text, long otherwise, String url) {
        if (text == null) {
            return otherwise;
        }
        if (!text.matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")) {
            throw refused(url, null);
        }
        long mac = Long.parseLong(text.replace(":", ""), 16);
        if (mac == 0 || EthernetFormat.isGroup(mac)) {
            throw refused(url, null);
        }
        return mac;
    }

    private static IllegalArgumentException refused(String url, @Nullable Exception cause) {
        if (url.startsWith(CARD)) {
            return new IllegalArgumentException(
                    url + ": must be vnicd:///PATH of a door at which a network card can be had", cause);
        }
        return new IllegalArgumentException(
                url.startsWith(XDP)
                        ? url + ": must be xdp://NAME?ip=A.B.C.D/BITS, with queue=N and mode=copy or mode=zero-copy if"
                                + " wanted"
                        : url + ": must be tap://NAME?ip=A.B.C.D/BITS, with host=A.B.C.D of the same network,"
                                + " netns=NAME and mac=XX:XX:XX:XX:XX:XX if wanted",
                cause);
    }
}
