/** Breaks Sietch for as long as one likes: the command {@code crash-torture}, and what the tests share with it. */
@org.jspecify.annotations.NullMarked
package io.sietch.crash.torture;
