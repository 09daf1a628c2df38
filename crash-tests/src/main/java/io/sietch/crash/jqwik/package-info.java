/**
 * Crash tests as properties of jqwik: {@link io.sietch.crash.jqwik.CrashProperty} instead of {@code Property}, and
 * arbitrary operations. Nothing else of the kit needs jqwik.
 */
@NullMarked
package io.sietch.crash.jqwik;

import org.jspecify.annotations.NullMarked;
