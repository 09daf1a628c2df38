/**
 * Sietch beside its peers, measured in one run: {@code bench/bin/bench log}, {@code redis} and {@code jmh}.
 *
 * <p>Machines are noisy and differ, so nothing here reports an absolute figure alone: contenders take turns in
 * interleaved rounds, ratios are formed within each round, and the median of the rounds is what counts.
 */
@NullMarked
package io.sietch.bench;

import org.jspecify.annotations.NullMarked;
