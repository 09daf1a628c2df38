/** A crash-consistency kit for storage code that stands on a {@code Media}. */
@org.jspecify.annotations.NullMarked
module io.sietch.crash {
    requires transitive io.sietch.vsic;
    requires static transitive org.jspecify;

    exports io.sietch.crash;
    exports io.sietch.crash.file;
}
