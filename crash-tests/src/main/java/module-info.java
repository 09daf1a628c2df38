/** A crash-consistency kit for storage code that stands on a {@code Media}. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // jqwik has no other modules
module io.sietch.crash {
    requires transitive io.sietch.vsic;
    requires static transitive org.jspecify;
    // For those who use io.sietch.crash.junit, and have JUnit anyway.
    requires static transitive org.junit.jupiter.api;
    // For those who use io.sietch.crash.jqwik.
    requires static transitive net.jqwik.api;

    exports io.sietch.crash;
    exports io.sietch.crash.file;
    exports io.sietch.crash.jqwik;
    exports io.sietch.crash.junit;
}
