/** The crash-consistency kit. */
package io.sietch.crash;
