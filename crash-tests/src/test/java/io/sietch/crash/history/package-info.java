/** Mistakes that others made in storage systems, each in a store as small as it can be, beside the sound store. */
@org.jspecify.annotations.NullMarked
package io.sietch.crash.history;
