/** Benchmarks of what the persistent structures keep to themselves; they have to live in their package to see it. */
@NullMarked
package io.sietch.persistent;

import org.jspecify.annotations.NullMarked;
