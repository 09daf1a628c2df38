package io.sietch.vnic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All receive filters of a switch, ordered once and never changed. Filters that name a destination MAC are found by it;
 * so the number of VNICs does not matter to a frame, only the number of filters that could match it.
 *
 * <p>The most specific filter wins; of two that are alike, the one that was set first.
 */
final class FilterTable {
    /** A receive filter and whose it is. */
    record Rule(FrameFilter filter, CompiledFilter compiled, VnicPort port) {}

    private static final Rule[] NONE = {};

    // Open addressing; an address has 48 bits, so -1 is none.
    private final long[] macs;
    private final Rule[][] byMac;
    private final Rule[] forAnyMac;
    private final int mask;

    /** @param rules in the order in which they were set */
    FilterTable(List<Rule> rules) {
        List<Rule> sorted = new ArrayList<>(rules);
        sorted.sort(Comparator.comparingInt((Rule rule) -> -rule.filter().specificity()));
        Map<Long, List<Rule>> named = new HashMap<>();
        for (Rule rule : sorted) {
            named.putIfAbsent(rule.filter().destinationMac(), new ArrayList<>());
        }
        for (Rule rule : sorted) {
            long mac = rule.filter().destinationMac();
            named.forEach((each, list) -> {
                if (mac == FrameFilter.ANY || mac == each) {
                    list.add(rule);
                }
            });
        }
        List<Rule> general = named.remove((long) FrameFilter.ANY);
        this.forAnyMac = general == null ? NONE : general.toArray(NONE);
        int size = Integer.highestOneBit(Math.max(1, named.size())) * 4;
        this.mask = size - 1;
        this.macs = new long[size];
        this.byMac = new Rule[size][];
        Arrays.fill(macs, FrameFilter.ANY);
        named.forEach(this::put);
    }

    private void put(long mac, List<Rule> rules) {
        int slot = slot(mac);
        while (macs[slot] != FrameFilter.ANY) {
            slot = slot + 1 & mask;
        }
        macs[slot] = mac;
        byMac[slot] = rules.toArray(NONE);
    }

    private int slot(long mac) {
        return (int) (mac * 0x9E37_79B9_7F4A_7C15L >>> 40) & mask;
    }

    private Rule[] rulesFor(long mac) {
        int slot = slot(mac);
        while (macs[slot] != FrameFilter.ANY) {
            if (macs[slot] == mac) {
                return byMac[slot];
            }
            slot = slot + 1 & mask;
        }
        return forAnyMac;
    }

    /** Who gets a frame to one receiver; null if nobody but perhaps its sender. */
    @Nullable
    VnicPort find(FrameHeader header, VnicPort sender) {
        Rule[] rules = rulesFor(header.destinationMac());
        for (int i = 0; i < rules.length; i++) {
            Rule rule = rules[i];
            if (rule.port != sender && rule.compiled.matches(header)) {
                return rule.port;
            }
        }
        return null;
    }

    /** Whether a VNIC has a filter that matches. For frames to a group. */
    boolean wants(VnicPort port, FrameHeader header) {
        Rule[] rules = rulesFor(header.destinationMac());
        for (int i = 0; i < rules.length; i++) {
            Rule rule = rules[i];
            if (rule.port == port && rule.compiled.matches(header)) {
                return true;
            }
        }
        return false;
    }
}
