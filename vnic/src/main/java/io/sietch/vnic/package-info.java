/** The network data plane: flows of bytes, whatever carries them. */
package io.sietch.vnic;
