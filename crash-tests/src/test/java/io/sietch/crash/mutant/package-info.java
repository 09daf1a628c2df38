/** Code under test with one mistake in it, made at class loading: to test that the tests can fail. */
@org.jspecify.annotations.NullMarked
package io.sietch.crash.mutant;
