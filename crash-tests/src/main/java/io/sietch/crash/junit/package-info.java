/**
 * Crash tests as tests of JUnit 5: {@link io.sietch.crash.junit.CrashTest} instead of {@code Test}. Nothing else of the
 * kit needs JUnit.
 */
@NullMarked
package io.sietch.crash.junit;

import org.jspecify.annotations.NullMarked;
