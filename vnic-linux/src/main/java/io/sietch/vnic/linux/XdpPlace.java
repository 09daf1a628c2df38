package io.sietch.vnic.linux;

import io.sietch.net.EthernetFormat;
import java.io.IOException;

/**
 * One queue of a network interface, and what there is to know about it for whoever sends and receives there.
 *
 * @param name of the interface
 * @param interfaceIndex the number that the kernel knows it by
 * @param queue from 0
 * @param mac its Ethernet address, the low 48 bits
 * @param mtu the longest packet, in bytes, without the Ethernet header
 * @param local whether its other end is on this machine, so that nobody completes checksums
 */
record XdpPlace(String name, int interfaceIndex, int queue, long mac, int mtu, boolean local) {
    /** Virtual interfaces whose frames never leave the machine's memory. */
    private static final String PAIR = "veth";

    /** The largest that a chunk of a page has room for. */
    private static final int MAX_MTU = XdpWire.MAX_FRAME_BYTES - EthernetFormat.BYTES;

    XdpPlace {
        if (mtu > MAX_MTU) {
            throw new IllegalArgumentException("the interface " + name + " has an MTU of " + mtu
                    + "; AF_XDP takes up to " + MAX_MTU + ": ip link set " + name + " mtu 1500");
        }
        if (mac == 0 || EthernetFormat.isGroup(mac)) {
            throw new IllegalArgumentException("the interface " + name + " has no Ethernet address of its own");
        }
    }

    /** Asks the kernel, and switches the interface on if it is not. */
    static XdpPlace find(String name, int queue) throws IOException {
        try (NetDevice device = new NetDevice(name)) {
            int index = device.index();
            device.up();
            return new XdpPlace(name, index, queue, device.mac(), device.mtu(), PAIR.equals(device.driver()));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
