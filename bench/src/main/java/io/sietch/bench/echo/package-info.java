/** A UDP echo server over everything that carries datagrams here. */
@org.jspecify.annotations.NullMarked
package io.sietch.bench.echo;
