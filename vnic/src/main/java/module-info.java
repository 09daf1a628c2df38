/**
 * The network data plane: virtual network cards, a stack in the application, and flows of bytes over what carries them.
 */
@org.jspecify.annotations.NullMarked
module io.sietch.vnic {
    requires static transitive org.jspecify;

    exports io.sietch.net;
    exports io.sietch.vnic;
}
