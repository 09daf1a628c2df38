/**
 * The network stack that runs in the application: Ethernet, ARP, IPv4, ICMP echo, UDP and TCP over a {@link
 * io.sietch.net.Link}. Nothing here knows a socket, a clock or a thread; whoever polls passes the time in.
 *
 * <p>Headers are not objects. Each has one class, {@code XFormat}, that knows where its fields are and reads and writes
 * them in place, in network byte order.
 */
package io.sietch.net;
