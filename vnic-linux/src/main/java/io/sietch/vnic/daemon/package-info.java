/** The {@code vnicd} command line: a control plane as a process of its own. Needs picocli on the path. */
package io.sietch.vnic.daemon;
