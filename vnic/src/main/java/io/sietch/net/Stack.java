package io.sietch.net;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A host on a network, in the application: answers ARP and echo requests, carries UDP datagrams and TCP connections
 * over a {@link Link}. All peers are on the link; there is no routing.
 *
 * <p>Everything happens in {@link #poll}: frames that have come are taken, what they ask for is sent, handlers are
 * told. Time and randomness are passed in, so the same frames at the same times give the same answers.
 *
 * <p>Threads: one at a time.
 */
public final class Stack {
    private static final int BATCH = 256;
    private static final int IP = EthernetFormat.BYTES;
    private static final int ABOVE_IP = IP + Ipv4Format.BYTES;
    private static final int FIRST_EPHEMERAL = 49_152;
    private static final int EPHEMERALS = 65_536 - FIRST_EPHEMERAL;
    private final Link link;
    private final MemorySegment memory;
    private final int address;
    private final StackOptions options;
    private final RandomGenerator random;
    private final IsnSource isns;
    private final TimerWheel wheel;
    private final ArpCache arp = new ArpCache(this);
    private final Icmp icmp = new Icmp(this);
    private final Reassembly reassembly = new Reassembly(this);
    private final ConnectionTable connections;
    private final TcpStrangers strangers;
    private final List<TcpListener> listeners = new ArrayList<>();
    private final Udp udp;
    private final RingPool rings = new RingPool();
    private final StackCounters counters = new StackCounters();
    private final AnswerLimit answers = new AnswerLimit();
    private final TcpSegment segment = new TcpSegment();
    private final FrameReceiver receiver = this::receive;
    private final int mss;

    private TcpConnection[] dirty = new TcpConnection[64];
    private int dirtyCount;
    private TcpConnection[] changed = new TcpConnection[64];
    private int changedCount;
    private long now;
    private int packetId;
    private boolean sentSomething;

    /**
     * @param link used by this stack alone
     * @param address IPv4
     * @param random for sequence numbers and ports; where strangers can send, a secure one
     * @param nowNanos the time, from a clock that never goes backwards
     */
    public Stack(Link link, int address, StackOptions options, RandomGenerator random, long nowNanos) {
        this.link = link;
        this.memory = link.memory();
        this.address = address;
        this.options = options;
        this.random = random;
        this.now = nowNanos;
        this.isns = new IsnSource(random);
        this.wheel = new TimerWheel(nowNanos);
        this.connections = new ConnectionTable(random.nextLong());
        this.strangers = new TcpStrangers(this, random);
        this.mss = Math.min(link.maxFrameBytes(), 0xFFFF) - ABOVE_IP - TcpFormat.BYTES;
        this.udp = new Udp(this, link, options.checksumOffload());
    }

    // ---- for the application ----------------------------------------------------------------------------------------

    /** Our IPv4 address. */
    public int address() {
        return address;
    }

    /** The most bytes that one UDP datagram can carry. */
    public int maxDatagramBytes() {
        return mss + TcpFormat.BYTES - UdpFormat.BYTES;
    }

    /** What has happened so far. */
    public StackCounters counters() {
        return counters;
    }

    /** Connections that exist in some state. */
    public int connections() {
        return connections.size();
    }

    /**
     * Accepts connections at a port.
     *
     * @throws IllegalArgumentException if somebody else does
     */
    public TcpListener listen(int port, TcpHandler handler) {
        if (listener(port) != null) {
            throw new IllegalArgumentException("port " + port + " is in use");
        }
        TcpListener listener = new TcpListener(this, port, handler);
        listeners.add(listener);
        return listener;
    }

    /**
     * Opens a connection. The handler hears when it is there, or that it will not be.
     *
     * @throws IllegalArgumentException if nobody can have the address
     * @throws IllegalStateException if there are too many
     */
    public TcpConnection connect(int toAddress, int toPort, TcpHandler handler) {
        if (!Ipv4Format.isHost(toAddress) || toAddress == address) {
            throw new IllegalArgumentException(Ipv4Format.text(toAddress) + " is not the address of another host");
        }
        if (connections.size() >= options.maxConnections()) {
            throw new IllegalStateException(connections.size() + " connections are open, as many as there may be");
        }
        int first = random.nextInt(EPHEMERALS);
        for (int i = 0; i < EPHEMERALS; i++) {
            int port = FIRST_EPHEMERAL + (first + i) % EPHEMERALS;
            long key = ConnectionTable.key(toAddress, toPort, port);
            if (connections.find(key) == null) {
                return newConnection(key, toAddress, sequenceFor(toAddress, key), handler, null);
            }
        }
        throw new IllegalStateException("all ports to " + Ipv4Format.text(toAddress) + ":" + toPort + " are in use");
    }

    private TcpConnection newConnection(
            long key, int toAddress, int sequence, TcpHandler handler, @Nullable TcpListener listener) {
        isns.prepare(address, (int) key & 0xFFFF, toAddress, (int) (key >>> 16) & 0xFFFF);
        TcpConnection connection =
                new TcpConnection(this, key, toAddress, sequence, isns.timestampOffset(), handler, listener);
        connections.add(connection);
        return connection;
    }

    /**
     * Takes datagrams at a port.
     *
     * @param port 0 for any that is free
     */
    public UdpSocket bind(int port, UdpHandler handler) {
        return udp.bind(port == 0 ? udp.free(FIRST_EPHEMERAL, random.nextInt(EPHEMERALS)) : port, handler);
    }

    /** Ends all connections with a peer that is known to be gone. */
    public void peerGone(int peer) {
        for (TcpConnection connection : connections.all()) {
            if (connection != null && connection.remoteAddress() == peer) {
                connection.die(TcpEnd.UNREACHABLE);
            }
        }
    }

    /** Resets every connection and accepts none. */
    public void close() {
        List.copyOf(listeners).forEach(TcpListener::close);
        for (TcpConnection connection : connections.all()) {
            if (connection != null) {
                connection.abort();
            }
        }
        tellChanged();
        udp.flush();
        kick();
    }

    // ---- the loop ---------------------------------------------------------------------------------------------------

    /**
     * Takes frames, lets timers expire, sends and tells.
     *
     * @return how much was done; 0 says that there was nothing to do
     */
    public int poll(long nowNanos) {
        now = nowNanos;
        int work = wheel.advance(nowNanos);
        work += link.receive(receiver, BATCH);
        work += sendDirty();
        if (changedCount > 0) {
            work += tellChanged();
            work += sendDirty();
        }
        udp.flush();
        kick();
        return work;
    }

    /** Sends what was written since the last poll, and would be by the next. */
    public void flush() {
        if (dirtyCount > 0) {
            sendDirty();
        }
        udp.flush();
        kick();
    }

    /** How long until something happens of itself, in nanoseconds; {@link Long#MAX_VALUE} if nothing will. */
    public long idleNanos(long nowNanos) {
        if (dirtyCount > 0 || changedCount > 0 || udp.isWaiting()) {
            return 0;
        }
        long next = wheel.nextDeadline();
        return next == TimerWheel.NEVER ? Long.MAX_VALUE : Math.max(0, next - nowNanos);
    }

    private int sendDirty() {
        int count = dirtyCount;
        int work = 0;
        for (int i = 0; i < count; i++) {
            TcpConnection connection = dirty[i];
            connection.isDirty = false;
            if (connection.output(now)) {
                work++;
            } else {
                dirty(connection);
            }
        }
        System.arraycopy(dirty, count, dirty, 0, dirtyCount - count);
        dirtyCount -= count;
        return work;
    }

    private int tellChanged() {
        int count = changedCount;
        for (int i = 0; i < count; i++) {
            TcpConnection connection = changed[i];
            connection.isChanged = false;
            connection.handler().changed(connection);
        }
        System.arraycopy(changed, count, changed, 0, changedCount - count);
        changedCount -= count;
        return count;
    }

    private void kick() {
        if (sentSomething) {
            link.kick();
        }
        sentSomething = false;
    }

    // ---- for connections --------------------------------------------------------------------------------------------

    void dirty(TcpConnection connection) {
        if (!connection.isDirty) {
            connection.isDirty = true;
            if (dirtyCount == dirty.length) {
                dirty = Arrays.copyOf(dirty, 2 * dirtyCount);
            }
            dirty[dirtyCount++] = connection;
        }
    }

    void changed(TcpConnection connection) {
        if (!connection.isChanged) {
            connection.isChanged = true;
            if (changedCount == changed.length) {
                changed = Arrays.copyOf(changed, 2 * changedCount);
            }
            changed[changedCount++] = connection;
        }
    }

    boolean isFull() {
        return connections.size() >= options.maxConnections();
    }

    /** The first sequence number of a connection that begins now. */
    int sequenceFor(int remote, long key) {
        isns.prepare(address, (int) key & 0xFFFF, remote, (int) (key >>> 16) & 0xFFFF);
        return isns.sequence(now);
    }

    int timestampOffset(int remote, int remotePort, int localPort) {
        isns.prepare(address, localPort, remote, remotePort);
        return isns.timestampOffset();
    }

    TcpConnection accept(long key, int remote, int sequence, TcpListener listener) {
        return newConnection(key, remote, sequence, listener.handler(), listener);
    }

    void remove(TcpConnection connection) {
        connections.remove(connection);
    }

    void remove(TcpListener listener) {
        listeners.remove(listener);
    }

    void remove(UdpSocket socket) {
        udp.remove(socket);
    }

    long now() {
        return now;
    }

    int mss() {
        return mss;
    }

    MemorySegment memory() {
        return memory;
    }

    StackOptions options() {
        return options;
    }

    TimerWheel wheel() {
        return wheel;
    }

    Icmp icmp() {
        return icmp;
    }

    /** The memory of connections. */
    RingPool rings() {
        return rings;
    }

    /** RFC 5961, section 7: answers to what may be an attack are limited, or they would be one. */
    boolean mayChallenge(long time) {
        boolean may = mayAnswer(time);
        if (may) {
            counters.countChallenge();
        }
        return may;
    }

    /** Whether one answer more may be sent in this second to what nobody has to send. */
    boolean mayAnswer(long time) {
        return answers.may(time);
    }

    // ---- sending ----------------------------------------------------------------------------------------------------

    long claim() {
        return link.claim();
    }

    /** Where the header above IP begins in a buffer. */
    long aboveIp(long buffer) {
        return buffer + ABOVE_IP;
    }

    /** The most payload that one frame to the link may have, in whole segments. */
    int runBytes(int segmentBytes) {
        int most =
                Math.min(link.maxRunBytes(), IP + 0xFFFF) - ABOVE_IP - (TcpFormat.BYTES + TcpFormat.MAX_OPTION_BYTES);
        return options.checksumOffload() ? Math.max(1, most / segmentBytes) * segmentBytes : segmentBytes;
    }

    /**
     * Sends a frame whose TCP segment is written but for its checksum.
     *
     * @param run the payload of each segment if there are several; else 0
     */
    void sendTcp(long buffer, int to, int tcpBytes, int run) {
        sendAbove(buffer, to, Ipv4Format.TCP, tcpBytes, TcpFormat.CHECKSUM, run);
    }

    void sendAbove(long buffer, int to, int protocol, int bytes, int checksum, int run) {
        Ipv4Format.write(memory, buffer + IP, bytes, packetId++, protocol, address, to);
        long pseudo = InternetChecksum.ofPseudoHeader(address, to, protocol, bytes);
        int length = ABOVE_IP + bytes;
        if (options.checksumOffload()) {
            NetBytes.put16(memory, buffer + ABOVE_IP + checksum, ~InternetChecksum.finish(pseudo));
            sendIp(to, buffer, length, ABOVE_IP, ABOVE_IP + checksum, run);
        } else {
            int sum = InternetChecksum.finish(pseudo + InternetChecksum.sum(memory, buffer + ABOVE_IP, bytes));
            // A UDP checksum of 0 would say that there is none; for TCP both stand for the same.
            NetBytes.put16(memory, buffer + ABOVE_IP + checksum, sum == 0 ? 0xFFFF : sum);
            sendIp(to, buffer, length, 0, 0, 0);
        }
    }

    /** Sends a frame with a message of ICMP in it. */
    void sendIcmp(long buffer, int to, int bytes) {
        Ipv4Format.write(memory, buffer + IP, bytes, packetId++, Ipv4Format.ICMP, address, to);
        sendIp(to, buffer, ABOVE_IP + bytes, 0, 0, 0);
    }

    /** The connection that a segment of ours belongs to, if any. */
    @Nullable
    TcpConnection connection(int remoteAddress, int remotePort, int localPort) {
        return connections.find(ConnectionTable.key(remoteAddress, remotePort, localPort));
    }

    private void sendIp(int to, long buffer, int length, int checksumStart, int checksumAt, int run) {
        long mac = arp.find(to, now);
        if (mac == ArpCache.UNKNOWN) {
            arp.wait(to, buffer, length, checksumStart, checksumAt, run, now);
        } else {
            sendTo(mac, buffer, length, checksumStart, checksumAt, run);
        }
    }

    void sendTo(long mac, long buffer, int length, int checksumStart, int checksumAt, int run) {
        EthernetFormat.write(memory, buffer, mac, link.mac(), EthernetFormat.IPV4);
        if (run > 0) {
            link.sendRun(buffer, length, checksumStart, checksumAt, run);
        } else if (checksumStart == 0) {
            link.send(buffer, length);
        } else {
            link.send(buffer, length, checksumStart, checksumAt);
        }
        sent();
    }

    private void sent() {
        counters.countSent();
        sentSomething = true;
    }

    void dropWaiting(long buffer) {
        counters.countUnresolved();
        link.release(buffer);
    }

    void sendArp(int operation, long to, long targetMac, int target) {
        long buffer = link.claim();
        if (buffer != Link.NONE) {
            EthernetFormat.write(memory, buffer, to, link.mac(), EthernetFormat.ARP);
            ArpFormat.write(memory, buffer + IP, operation, link.mac(), address, targetMac, target);
            link.send(buffer, IP + ArpFormat.BYTES);
            sent();
        }
    }

    /** Sends a reset; with an acknowledgement unless that is 0. */
    void sendReset(int to, int toPort, int fromPort, int sequence, int acknowledgement) {
        long buffer = link.claim();
        if (buffer == Link.NONE) {
            return;
        }
        int flags = TcpFormat.RST | (acknowledgement == 0 ? 0 : TcpFormat.ACK);
        TcpFormat.write(
                memory, aboveIp(buffer), fromPort, toPort, sequence, acknowledgement, TcpFormat.BYTES, flags, 0);
        counters.countReset();
        sendTcp(buffer, to, TcpFormat.BYTES, 0);
    }

    boolean sendUdp(int fromPort, int to, int toPort, MemorySegment source, long offset, int length) {
        return length >= 0 && length <= maxDatagramBytes() && udp.send(fromPort, to, toPort, source, offset, length);
    }

    // ---- receiving --------------------------------------------------------------------------------------------------

    private boolean receive(MemorySegment frame, long at, int length, boolean checked) {
        counters.countReceived();
        if (length < IP) {
            counters.countMalformed();
            return true;
        }
        switch (EthernetFormat.type(frame, at)) {
            case EthernetFormat.IPV4 -> receiveIp(frame, at + IP, length - IP, checked);
            case EthernetFormat.ARP -> arp.receive(frame, at + IP, length - IP, now);
            default -> counters.countNotForUs();
        }
        return true;
    }

    private void receiveIp(MemorySegment frame, long at, int length, boolean checked) {
        if (length < Ipv4Format.BYTES || Ipv4Format.version(frame, at) != 4) {
            counters.countMalformed();
            return;
        }
        int headerBytes = Ipv4Format.headerBytes(frame, at);
        int total = Ipv4Format.totalBytes(frame, at);
        if (headerBytes < Ipv4Format.BYTES || total < headerBytes || total > length) {
            counters.countMalformed();
            return;
        }
        if (!Ipv4Format.isIntact(frame, at)) {
            counters.countBadChecksum();
            return;
        }
        int source = Ipv4Format.source(frame, at);
        if (Ipv4Format.destination(frame, at) != address || !Ipv4Format.isHost(source) || source == address) {
            counters.countNotForUs();
        } else if (Ipv4Format.isFragment(frame, at)) {
            reassembly.receive(frame, at, headerBytes, total, now);
        } else {
            receiveAbove(frame, at, at + headerBytes, total - headerBytes, checked);
        }
    }

    /** Takes what a packet for us carries. */
    void receiveAbove(MemorySegment frame, long ip, long at, int length, boolean checked) {
        int protocol = Ipv4Format.protocol(frame, ip);
        int source = Ipv4Format.source(frame, ip);
        switch (protocol) {
            case Ipv4Format.TCP -> {
                if (checked || isIntact(frame, source, protocol, at, length)) {
                    receiveTcp(frame, source, at, length);
                }
            }
            case Ipv4Format.UDP -> {
                boolean unsummed = length >= UdpFormat.BYTES && UdpFormat.checksum(frame, at) == 0;
                if (checked || unsummed || isIntact(frame, source, protocol, at, length)) {
                    udp.receive(frame, ip, source, at, length);
                }
            }
            case Ipv4Format.ICMP -> icmp.receive(frame, source, at, length);
            default -> icmp.sendUnreachable(frame, ip, source, IcmpFormat.NO_PROTOCOL);
        }
    }

    private boolean isIntact(MemorySegment frame, int source, int protocol, long at, int length) {
        long sum = InternetChecksum.ofPseudoHeader(source, address, protocol, length);
        boolean intact = InternetChecksum.finish(sum + InternetChecksum.sum(frame, at, length)) == 0;
        if (!intact) {
            counters.countBadChecksum();
        }
        return intact;
    }

    private void receiveTcp(MemorySegment frame, int source, long at, int length) {
        if (!segment.parse(frame, at, length)) {
            counters.countMalformed();
            return;
        }
        long key = ConnectionTable.key(source, segment.sourcePort, segment.destinationPort);
        TcpConnection connection = connections.find(key);
        if (connection != null
                && TcpStrangers.mayReplace(connection, segment)
                && listener(segment.destinationPort) != null) {
            connection.abort();
            connection = null;
        }
        if (connection != null) {
            connection.input(segment, now);
        } else if (!segment.has(TcpFormat.RST)) {
            strangers.receive(segment, source, key, listener(segment.destinationPort), now);
        }
    }

    private @Nullable TcpListener listener(int port) {
        for (int i = 0; i < listeners.size(); i++) {
            if (listeners.get(i).port() == port) {
                return listeners.get(i);
            }
        }
        return null;
    }
}
