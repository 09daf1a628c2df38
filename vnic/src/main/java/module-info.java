/** The network data plane: flows of bytes, and the networks that carry them. */
@org.jspecify.annotations.NullMarked
module io.sietch.vnic {
    requires static transitive org.jspecify;

    exports io.sietch.vnic;
}
