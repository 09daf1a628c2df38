/** A Redis-compatible server that never acknowledges a write it could lose. */
@org.jspecify.annotations.NullMarked
module io.sietch.redis {
    requires io.sietch.persistent;
    requires io.sietch.vnic;
    requires io.sietch.vnic.linux;
    requires info.picocli;
    requires static org.jspecify;

    exports io.sietch.redis;

    opens io.sietch.redis to
            info.picocli;
}
