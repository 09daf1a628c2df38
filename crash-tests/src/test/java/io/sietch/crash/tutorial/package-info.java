/** The store and the test of docs/crash-tests.md, as they stand there. */
@org.jspecify.annotations.NullMarked
package io.sietch.crash.tutorial;
