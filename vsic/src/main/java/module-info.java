/** The storage data plane: virtual storage controllers, their queue pairs, and the media behind them. */
@org.jspecify.annotations.NullMarked
module io.sietch.vsic {
    requires com.lmax.disruptor;
    requires static transitive org.jspecify;
    requires static chronicle.bytes;

    exports io.sietch.vsic;
}
