/** Crash tests of the persistent log. */
@org.jspecify.annotations.NullMarked
package io.sietch.crash.log;
