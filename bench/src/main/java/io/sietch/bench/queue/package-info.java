/** The persistent queue beside other queues, each in JVMs of its own. */
@NullMarked
package io.sietch.bench.queue;

import org.jspecify.annotations.NullMarked;
