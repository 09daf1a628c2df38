/** Rounds, medians, ratios and the tables that are made of them. */
@NullMarked
package io.sietch.bench.report;

import org.jspecify.annotations.NullMarked;
