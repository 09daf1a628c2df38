package io.sietch.persistent;

/** A codec that makes a value of any bytes, or throws: no bytes keep it busy, or have it ask for memory without end. */
interface TotalCodec<T> extends Codec<T> {}
