/** The {@code sietch} command line. Needs picocli on the path, which the library does not. */
@org.jspecify.annotations.NullMarked
package io.sietch.persistent.tool;
