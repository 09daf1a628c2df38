/** The persistent table beside other stores, each in JVMs of its own. */
@NullMarked
package io.sietch.bench.store;

import org.jspecify.annotations.NullMarked;
