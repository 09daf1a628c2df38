package io.sietch.vnic.daemon;

import io.sietch.net.Ipv4Format;
import io.sietch.vnic.FrameFilter;
import io.sietch.vnic.RateLimit;
import io.sietch.vnic.VnicCounters;
import io.sietch.vnic.VnicGrant;
import io.sietch.vnic.linux.XdpGrant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A network card that {@code vnicd} has given to a process, or would. */
sealed interface Holding {
    /** Where it can be had. */
    Path door();

    /** One line: what it is, whose, and what it has done. */
    String line();

    List<FrameFilter> receive();

    List<FrameFilter> transmit();

    RateLimit limit();

    void receive(List<FrameFilter> filters) throws IOException;

    void transmit(List<FrameFilter> filters) throws IOException;

    void limit(RateLimit limit) throws IOException;

    void revoke() throws IOException;

    /** In memory that the process shares with the daemon's switch. */
    record InMemory(VnicGrant grant, Path door) implements Holding {
        @Override
        public String line() {
            VnicCounters counters = grant.counters();
            return String.format(
                    Locale.ROOT,
                    "memory %s %s %s sent %d received %d refused %d throttled %d",
                    Ipv4Format.text(grant.address()),
                    FilterText.mac(grant.mac()),
                    grant.state() == VnicGrant.State.IN_USE ? "in-use" : "free",
                    counters.sent(),
                    counters.received(),
                    counters.refused(),
                    counters.throttled());
        }

        @Override
        public List<FrameFilter> receive() {
            return grant.receive();
        }

        @Override
        public List<FrameFilter> transmit() {
            return grant.transmit();
        }

        @Override
        public RateLimit limit() {
            return grant.limit();
        }

        @Override
        public void receive(List<FrameFilter> filters) {
            grant.receive(filters);
        }

        @Override
        public void transmit(List<FrameFilter> filters) {
            grant.transmit(filters);
        }

        @Override
        public void limit(RateLimit limit) {
            grant.limit(limit, System.nanoTime());
        }

        @Override
        public void revoke() {
            grant.revoke();
        }
    }

    /** One end of a pair of interfaces, by AF_XDP. */
    record OnPair(XdpGrant grant, Path door) implements Holding {
        @Override
        public String line() {
            try {
                return String.format(
                        Locale.ROOT,
                        "pair %s %s sent %d refused %d throttled %d",
                        Ipv4Format.text(grant.address()),
                        grant.name(),
                        grant.passed(),
                        grant.refused(),
                        grant.limited());
            } catch (IOException e) {
                return "pair " + grant.name() + ": " + e.getMessage();
            }
        }

        @Override
        public List<FrameFilter> receive() {
            return grant.filters();
        }

        @Override
        public List<FrameFilter> transmit() {
            return grant.transmit();
        }

        @Override
        public RateLimit limit() {
            return grant.limit();
        }

        @Override
        public void receive(List<FrameFilter> filters) throws IOException {
            grant.filters(filters);
        }

        @Override
        public void transmit(List<FrameFilter> filters) throws IOException {
            grant.transmit(filters);
        }

        @Override
        public void limit(RateLimit limit) throws IOException {
            grant.limit(limit);
        }

        @Override
        public void revoke() throws IOException {
            grant.close();
        }
    }
}
