package io.sietch.vnic;

import io.sietch.net.EthernetFormat;
import io.sietch.vnic.FilterTable.Rule;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The control plane of a {@link Switch}: makes VNICs, says what each may send and what it gets, limits it, and takes it
 * away. No frame passes here.
 *
 * <p>A new VNIC has an address of its own, gets what is sent to it and to everybody, and may send nothing but frames
 * from that address.
 *
 * <p>Threads: that of the switch.
 */
public final class NetworkControl {
    /** Locally administered addresses; the last three bytes count. */
    private static final long MAC_PREFIX = 0x02_53_49_000000L;

    private static final int MAX_VNICS = 1 << 16;

    private final Switch device;
    private final Map<Long, Attachment> attached = new LinkedHashMap<>();
    private int made;

    private static final class Attachment {
        final @Nullable Vnic vnic;
        final VnicPort port;
        List<FrameFilter> receive;
        List<FrameFilter> transmit;

        Attachment(@Nullable Vnic vnic, VnicPort port, List<FrameFilter> receive, List<FrameFilter> transmit) {
            this.vnic = vnic;
            this.port = port;
            this.receive = receive;
            this.transmit = transmit;
        }
    }

    /** @param device whose VNICs these are; it has no other control plane */
    public NetworkControl(Switch device) {
        this.device = device;
    }

    /** Receive filters for what is sent to one Ethernet address and to everybody. */
    public static List<FrameFilter> addressed(long mac) {
        return List.of(FrameFilter.ALL.to(mac), FrameFilter.ALL.to(EthernetFormat.BROADCAST));
    }

    /** Transmit filters that keep a sender from saying that it is somebody else, in Ethernet, IPv4 and ARP. */
    public static List<FrameFilter> honest(long mac, int address) {
        FrameFilter own = FrameFilter.ALL.from(mac).source(address, 32);
        return List.of(own.type(EthernetFormat.IPV4), own.type(EthernetFormat.ARP));
    }

    /**
     * Makes a VNIC for this process and attaches it.
     *
     * @param address its IPv4 address
     * @param nowNanos from when its rate limit counts
     */
    public Vnic create(String name, int address, VnicOptions options, long nowNanos) {
        return create(name, address, options, Doorbell.NONE, nowNanos);
    }

    /** @param doorbell is rung when the VNIC has sent something */
    Vnic create(String name, int address, VnicOptions options, Doorbell doorbell, long nowNanos) {
        long bytes = VnicFormat.totalBytes(options.buffers(), options.bufferBytes());
        MemorySegment memory = Arena.ofAuto().allocate(bytes, 4096);
        VnicFormat.writeHeader(memory, options.buffers(), options.bufferBytes(), newMac(), address);
        Vnic vnic = new Vnic(name, memory, doorbell);
        VnicPort port = new VnicPort(name, memory, options.buffers(), options.bufferBytes(), Doorbell.NONE);
        port.owned(vnic.mac(), address);
        attach(
                vnic.mac(),
                new Attachment(vnic, port, addressed(vnic.mac()), honest(vnic.mac(), address)),
                options.rateLimit(),
                nowNanos);
        return vnic;
    }

    long newMac() {
        return MAC_PREFIX | ++made;
    }

    /** Attaches the device's end of a VNIC whose other end is in another process. */
    void attachRemote(long mac, VnicPort port, VnicGrant grant, long nowNanos) {
        port.owned(mac, grant.address());
        attach(mac, new Attachment(null, port, grant.receive(), grant.transmit()), grant.limit(), nowNanos);
    }

    private void attach(long mac, Attachment attachment, RateLimit limit, long nowNanos) {
        VnicPort port = attachment.port;
        if (attached.size() == MAX_VNICS) {
            throw new IllegalStateException(MAX_VNICS + " VNICs are attached; there is no room for " + port.name());
        }
        attached.put(mac, attachment);
        device.attach(port);
        port.allow(compiled(attachment.transmit));
        port.limit(limit, nowNanos);
        updateRules();
    }

    /** Takes a VNIC off the wire for good: what it sends stays in its ring, and nothing reaches it. */
    public void detach(Vnic vnic) {
        attachment(vnic);
        detachRemote(vnic.mac());
    }

    /** As {@link #detach}, for a VNIC whose other end is in another process. */
    void detachRemote(long mac) {
        Attachment attachment = attached.remove(mac);
        if (attachment != null) {
            device.detach(attachment.port);
            updateRules();
        }
    }

    /** Says which frames the VNIC gets, instead of what was said before. */
    public void receive(Vnic vnic, List<FrameFilter> filters) {
        receive(attachment(vnic), filters);
    }

    /** Says which frames the VNIC may send, instead of what was said before: those that one of the filters matches. */
    public void transmit(Vnic vnic, List<FrameFilter> filters) {
        transmit(attachment(vnic), filters);
    }

    /** Limits what the VNIC may send from now on. */
    public void limit(Vnic vnic, RateLimit limit, long nowNanos) {
        attachment(vnic).port.limit(limit, nowNanos);
    }

    /** As {@link #receive}, {@link #transmit} and {@link #limit}, for a VNIC whose other end is in another process. */
    void receiveRemote(long mac, List<FrameFilter> filters) {
        receive(remote(mac), filters);
    }

    void transmitRemote(long mac, List<FrameFilter> filters) {
        transmit(remote(mac), filters);
    }

    void limitRemote(long mac, RateLimit limit, long nowNanos) {
        remote(mac).port.limit(limit, nowNanos);
    }

    private void receive(Attachment attachment, List<FrameFilter> filters) {
        attachment.receive = List.copyOf(filters);
        updateRules();
    }

    private static void transmit(Attachment attachment, List<FrameFilter> filters) {
        attachment.transmit = List.copyOf(filters);
        attachment.port.allow(compiled(attachment.transmit));
    }

    /**
     * Lets frames to the VNIC wait in the rings of their senders, with those behind them, while it has no buffer
     * posted; else they are dropped. Only for a VNIC whose owner is sure to go on: one that is polled by the switch's
     * own thread.
     */
    void await(Vnic vnic) {
        attachment(vnic).port.await(true);
    }

    /** Lets frames on their way to the VNIC meet with mishaps. Those under way are lost. */
    public void impair(Vnic vnic, Impairment impairment, long seed) {
        device.impair(attachment(vnic).port, impairment, seed);
    }

    /** What the device did for the VNIC. */
    public VnicCounters counters(Vnic vnic) {
        return attachment(vnic).port.counters();
    }

    /** The VNICs of this process that are attached, in the order in which they came. */
    public List<Vnic> vnics() {
        return attached.values().stream()
                .map(each -> each.vnic)
                .filter(Objects::nonNull)
                .toList();
    }

    private Attachment attachment(Vnic vnic) {
        Attachment attachment = attached.get(vnic.mac());
        if (attachment == null || attachment.vnic != vnic) {
            throw new IllegalArgumentException(vnic + " is not attached");
        }
        return attachment;
    }

    private Attachment remote(long mac) {
        Attachment attachment = attached.get(mac);
        if (attachment == null) {
            throw new IllegalStateException("the VNIC is not attached");
        }
        return attachment;
    }

    private void updateRules() {
        List<Rule> rules = new ArrayList<>();
        attached.values()
                .forEach(each -> each.receive.forEach(
                        filter -> rules.add(new Rule(filter, new CompiledFilter(filter), each.port))));
        device.rules(rules);
    }

    private static CompiledFilter[] compiled(List<FrameFilter> filters) {
        return filters.stream().map(CompiledFilter::new).toArray(CompiledFilter[]::new);
    }
}
