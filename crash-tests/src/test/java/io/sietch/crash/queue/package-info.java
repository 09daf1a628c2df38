/** Crash tests of the persistent queue. */
@org.jspecify.annotations.NullMarked
package io.sietch.crash.queue;
