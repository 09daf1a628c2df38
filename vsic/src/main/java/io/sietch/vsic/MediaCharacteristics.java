package io.sietch.vsic;

/**
 * What a controller has to know about its medium.
 *
 * @param kind the medium and its write path in a few words, for start-up lines and reports
 * @param flushBlocks whether a flush takes so long that a poll loop must not run it itself
 * @param latency time to add to each command, for emulated devices
 */
public record MediaCharacteristics(String kind, boolean flushBlocks, LatencyModel latency) {}
