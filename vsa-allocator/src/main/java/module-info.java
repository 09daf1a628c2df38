/** The control plane: names areas, gives out space, sets limits, and is then out of the way. */
@org.jspecify.annotations.NullMarked
module io.sietch.vsa {
    requires transitive io.sietch.vsic;
    requires static transitive org.jspecify;
    requires roaringbitmap;

    exports io.sietch.vsa;
}
