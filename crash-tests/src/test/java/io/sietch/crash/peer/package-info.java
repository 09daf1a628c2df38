/** Stores that others wrote, under the kit with their own promises. */
@org.jspecify.annotations.NullMarked
package io.sietch.crash.peer;
