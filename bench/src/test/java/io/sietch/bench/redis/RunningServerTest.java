package io.sietch.bench.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunningServerTest {
    @Test
    void processorTimeIsFoundBehindANameWithBlanksAndParentheses() {
        String stat = "4711 (java (x) y) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 30 0 100 200 300\n";
        assertThat(RunningServer.cpuSeconds(stat)).isEqualTo(3.0);
    }

    @Test
    void onlyTheDurableRedisWritesALog() {
        Path data = Path.of("data");
        assertThat(ServerKind.NONE.command("redis-server", 17000, data))
                .containsSequence("--appendonly", "no")
                .contains("127.0.0.1", "17000", "data");
        assertThat(ServerKind.ALWAYS.command("redis-server", 17000, data))
                .containsSequence("--appendonly", "yes", "--appendfsync", "always")
                .containsSequence("--auto-aof-rewrite-percentage", "0");
        assertThat(ServerKind.LITE.command("redis-lite", 17000, data)).containsSequence("--appendfsync", "always");
    }

    @Test
    void everyServerGoesFirstInSomeRound() {
        List<ServerKind> kinds = List.of(ServerKind.values());
        assertThat(List.of(0, 1, 2))
                .extracting(round -> RedisCommand.rotated(kinds, round).getFirst())
                .containsExactly(ServerKind.NONE, ServerKind.ALWAYS, ServerKind.LITE);
    }
}
