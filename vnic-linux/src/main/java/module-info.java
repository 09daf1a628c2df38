/**
 * The wires of Linux. The one module that calls the system itself, and so the one that wants {@code
 * --enable-native-access=io.sietch.vnic.linux}.
 */
@org.jspecify.annotations.NullMarked
module io.sietch.vnic.linux {
    requires transitive io.sietch.vnic;
    requires static transitive org.jspecify;
    requires static info.picocli;

    exports io.sietch.vnic.linux;

    opens io.sietch.vnic.daemon to
            info.picocli;
}
