/**
 * The network data plane: flows of bytes, whatever carries them.
 *
 * <p>A server sees {@link io.sietch.vnic.Flow}s and never a socket. A {@link io.sietch.vnic.Network} is polled by the
 * server's loop, brings bytes to a {@link io.sietch.vnic.FlowHandler} as views on native memory, and sends what the
 * server has put into a flow's own buffer. {@link io.sietch.vnic.KernelSockets} carries flows over TCP sockets of the
 * kernel; {@link io.sietch.vnic.MemoryNetwork} carries them within one thread, for tests.
 *
 * <pre>
 *   kernel ──read──► shared buffer ──received──► server ──claim, commit──► flow's buffer ──flush(position)──► kernel
 *                        │  ▲
 *              (rest)    ▼  │ (once more bytes came)
 *                     flow's buffer
 * </pre>
 */
package io.sietch.vnic;
