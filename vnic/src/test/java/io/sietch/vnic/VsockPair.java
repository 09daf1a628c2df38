package io.sietch.vnic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.function.Consumer;

/** Both ends of streams in one thread: a VNIC with its owner's end, the switch, and the device's end with its flows. */
final class VsockPair implements AutoCloseable {
    static final int PORT = 7000;
    static final int SERVER = Frames.IP1;

    /** In the header: any number, and not only those that a packet can have. */
    private static final int LENGTH = 24;

    final Switch device = new Switch();
    final NetworkControl control = new NetworkControl(device);
    final RecordingHandler handler;
    final FlowTable table;
    final ReadyFlow.Queue ready = new ReadyFlow.Queue();
    final VsockDevice host;
    final Vnic vnic;
    final VsockStreams streams;
    long now;
    int rung;

    VsockPair(RecordingHandler handler, NetworkOptions limits, VnicOptions options) {
        this.handler = handler;
        this.table = new FlowTable(handler, limits);
        Vnic own = control.create("own", SERVER, VnicOptions.DEFAULTS.withBuffers(4, 256), 0);
        this.host = new VsockDevice(table, ready, own.mac(), SERVER, PORT);
        device.streams(host);
        this.vnic = control.create("client", Frames.IP2, options, () -> rung++, 0);
        this.streams = new VsockStreams(vnic, SERVER);
    }

    VsockPair(RecordingHandler handler) {
        this(handler, NetworkOptions.DEFAULTS, VnicOptions.DEFAULTS);
    }

    /** A turn of the server. Returns how much was done. */
    int serve() {
        int work = device.poll(now) + ready.serve();
        host.flush();
        return work + table.reportClosed();
    }

    /** A turn of the client. */
    int step() {
        int packets = vnic.receiveStreams(3);
        return packets + vnic.receive((memory, offset, length, checked) -> true, 64) + streams.poll();
    }

    /** Turns of both, until neither has anything to do. */
    void settle() {
        int idle = 0;
        for (int i = 0; i < 10_000 && idle < 2; i++) {
            idle = serve() + step() == 0 ? idle + 1 : 0;
        }
        if (idle < 2) {
            throw new IllegalStateException("they do not come to rest");
        }
    }

    VsockStream open(Consumer<VsockStream> changed) {
        VsockStream stream = streams.open(PORT, changed);
        settle();
        return stream;
    }

    VsockStream open() {
        return open(stream -> {});
    }

    /** A packet of a server that keeps to nothing. A flow must have been opened. */
    void say(int port, int op, int flags, int length, int payload) {
        VnicPort to = ((VsockFlow) handler.flows.getFirst()).port();
        long place = to.roomNow(VsockFormat.BYTES + payload);
        if (place != 0) {
            VsockFormat.writeEnds(to.memory(), place, SERVER, Frames.IP2, VsockFormat.ports(PORT, port));
            VsockFormat.writeWord(to.memory(), place, 0, op, flags, VsockCredit.WINDOW, 0);
            to.memory().set(ValueLayout.JAVA_INT, place + LENGTH, length);
            to.show(place, VsockFormat.BYTES + payload, VnicFormat.STREAM);
        }
    }

    static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    VnicCounters counters() {
        return control.counters(vnic);
    }

    /** Writes what there is room for. Returns how much. */
    static int write(VsockStream stream, byte[] bytes, int from, int most) {
        int written = 0;
        while (written < most) {
            int run = Math.min(most - written, stream.claimedLength());
            if (run == 0) {
                break;
            }
            MemorySegment.copy(
                    bytes, from + written, stream.claimedSegment(), ValueLayout.JAVA_BYTE, stream.claimedOffset(), run);
            stream.commit(run);
            written += run;
        }
        return written;
    }

    /** Reads one run. */
    static byte[] read(VsockStream stream, int most) {
        int run = Math.min(most, stream.receivedLength());
        byte[] bytes =
                stream.receivedSegment().asSlice(stream.receivedOffset(), run).toArray(ValueLayout.JAVA_BYTE);
        stream.consume(run);
        return bytes;
    }

    /** A packet as somebody may make it who keeps to nothing. Returns where it lies. */
    long sendRaw(long sourceCid, long destinationCid, int sourcePort, int port, int op, int length, int payload) {
        long buffer = vnic.claim();
        VsockFormat.writeEnds(vnic.memory(), buffer, sourceCid, destinationCid, VsockFormat.ports(sourcePort, port));
        VsockFormat.writeWord(vnic.memory(), buffer, 0, op, 0, VsockCredit.WINDOW, 0);
        vnic.memory().set(ValueLayout.JAVA_INT, buffer + LENGTH, length);
        vnic.sendStream(buffer, VsockFormat.BYTES + payload);
        return buffer;
    }

    long sendRaw(int sourcePort, int op, int length) {
        return sendRaw(Frames.IP2, SERVER, sourcePort, PORT, op, length, length);
    }

    @Override
    public void close() {
        streams.close();
        settle();
        table.close();
    }
}
