/** Benchmarks of what redis-lite keeps to itself; they have to live in its package to see it. */
@NullMarked
package io.sietch.redis;

import org.jspecify.annotations.NullMarked;
