/**
 * Wires to what Linux has: a network card whose other end is the kernel ({@link io.sietch.vnic.linux.TapWire}), and a
 * share of an interface that the kernel has ({@link io.sietch.vnic.linux.XdpWire}). {@link
 * io.sietch.vnic.linux.LinuxWires} opens them by URL.
 */
package io.sietch.vnic.linux;
