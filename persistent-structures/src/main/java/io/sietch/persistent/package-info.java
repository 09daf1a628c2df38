/** Persistent data structures on virtual storage areas, and {@code Sietch}, the door to them. */
package io.sietch.persistent;
