/** A Redis-compatible server that never acknowledges a write it could lose. */
package io.sietch.redis;
