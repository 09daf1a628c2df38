/** The control plane: names areas, gives out space, sets limits. It is not on the data path. */
package io.sietch.vsa;
