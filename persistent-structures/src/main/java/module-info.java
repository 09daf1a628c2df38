/** Persistent data structures, and {@code Sietch}, the door to them. */
@org.jspecify.annotations.NullMarked
module io.sietch.persistent {
    requires transitive io.sietch.vsa;
    requires transitive io.sietch.vsic;
    requires static transitive org.jspecify;
    requires com.lmax.disruptor;
    requires roaringbitmap;
    requires static chronicle.bytes;
    requires static info.picocli;
    requires transitive HdrHistogram;

    exports io.sietch.persistent;

    opens io.sietch.persistent.tool to
            info.picocli;
}
