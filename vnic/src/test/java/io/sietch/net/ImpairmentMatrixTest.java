package io.sietch.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.net.StackPairTest.Pair;
import io.sietch.vnic.Impairment;
import io.sietch.vnic.Vnic;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every combination of what a wire may do: both streams arrive as they were written, the connections are gone, and
 * every buffer is back where it was. {@code -Dsietch.matrix.runs=N} goes through all of it with so many seeds, and with
 * longer streams from the second on.
 */
@Timeout(3600)
class ImpairmentMatrixTest {
    private static final int RUNS = Integer.getInteger("sietch.matrix.runs", 1);
    private static final int FIRST_BYTES = 30_000;
    private static final int MORE_BYTES = 400_000;
    private static final long MILLI = 1_000_000L;

    static List<Impairment> matrix() {
        List<Impairment> all = new ArrayList<>();
        for (double loss : new double[] {0, 0.01, 0.1}) {
            for (double reordering : new double[] {0, 0.1}) {
                for (double duplication : new double[] {0, 0.05}) {
                    for (double corruption : new double[] {0, 0.02}) {
                        for (long delay : new long[] {0, MILLI, 40 * MILLI}) {
                            all.add(Impairment.NONE
                                    .withLoss(loss)
                                    .withReordering(reordering, 3 * MILLI)
                                    .withDuplication(duplication)
                                    .withCorruption(corruption)
                                    .withDelay(delay, delay / 10));
                        }
                    }
                }
            }
        }
        return all;
    }

    /** All buffers that the application can have at once. */
    private static int claimable(Vnic vnic) {
        List<Long> claimed = new ArrayList<>();
        for (long buffer = vnic.claim(); buffer != Link.NONE; buffer = vnic.claim()) {
            claimed.add(buffer);
        }
        claimed.forEach(vnic::release);
        return claimed.size();
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void streamsArriveAndNothingIsLeftOver(Impairment impairment) {
        for (int run = 0; run < RUNS; run++) {
            long seed = 31L * run + 1;
            int bytes = run == 0 ? FIRST_BYTES : MORE_BYTES;
            Pair pair = new Pair(StackPairTest.OPTIONS, seed);
            int before = claimable(pair.clientVnic);
            pair.impair(impairment, seed);
            StackPairTest.exchange(pair, bytes, bytes / 2, seed);
            for (Vnic vnic : List.of(pair.clientVnic, pair.serverVnic)) {
                assertThat(vnic.nonsense()).isZero();
                assertThat(claimable(vnic)).isEqualTo(before);
            }
        }
    }
}
