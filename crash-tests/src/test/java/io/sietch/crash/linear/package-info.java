/** Histories of several clients, and whether one order of their requests explains them. */
@org.jspecify.annotations.NullMarked
package io.sietch.crash.linear;
