/** Benchmarks of Sietch beside its peers. */
@org.jspecify.annotations.NullMarked
package io.sietch.bench;
