/**
 * Wires to what Linux has: a network card whose other end is the kernel ({@link io.sietch.vnic.linux.TapWire}). {@link
 * io.sietch.vnic.linux.LinuxWires} opens it by URL.
 */
package io.sietch.vnic.linux;
