/** redis-lite beside an installed redis-server, driven by redis-benchmark. */
@NullMarked
package io.sietch.bench.redis;

import org.jspecify.annotations.NullMarked;
