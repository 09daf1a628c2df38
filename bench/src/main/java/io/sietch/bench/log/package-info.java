/** The persistent log beside other logs and stores, each measured run in a JVM of its own. */
@NullMarked
package io.sietch.bench.log;

import org.jspecify.annotations.NullMarked;
