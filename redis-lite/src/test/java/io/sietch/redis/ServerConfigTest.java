package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerConfigTest {
    @TempDir
    private Path directory;

    private final ServerConfig config = new ServerConfig();

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("redis.conf"), text);
    }

    @Test
    void aFileInTheFormOfRedisConfIsUnderstood() throws Exception {
        List<String> skipped = ConfigFile.load(file("""
            # a comment
            port 7000
            bind 127.0.0.1 -::1

            dir "/tmp/with space"
            AppendFsync everysec
            requirepass 'pass\\'word'
            proto-max-bulk-len 2mb
            client-output-buffer-limit normal 64mb 0 0
            appendonly yes
            save ""
            loglevel notice
            """), config);
        assertThat(config.port()).isEqualTo(7000);
        assertThat(config.bind()).containsExactly("127.0.0.1", "-::1");
        assertThat(config.dir()).isEqualTo(Path.of("/tmp/with space"));
        assertThat(config.appendFsync()).isEqualTo(AppendFsync.EVERYSEC);
        assertThat(config.requirePassword()).isEqualTo("pass'word");
        assertThat(config.maxBulk()).isEqualTo(2 << 20);
        assertThat(config.outputBuffer()).isEqualTo(64 << 20);
        assertThat(skipped).containsExactly("loglevel");
    }

    @Test
    void mistakesNameFileLineAndOption() {
        assertThatThrownBy(() -> ConfigFile.load(file("port 1\nprot 2\n"), config))
                .isInstanceOf(ConfigException.class)
                .hasMessageEndingWith("redis.conf, line 2: unknown option prot");
        assertThatThrownBy(() -> ConfigFile.load(file("port x"), config))
                .hasMessageContaining("line 1: argument must be between 0 and 65535");
        assertThatThrownBy(() -> ConfigFile.load(file("dir \"unbalanced"), config))
                .hasMessageContaining("line 1: unbalanced quotes");
        assertThatThrownBy(() -> ConfigFile.load(file("appendonly no"), config))
                .hasMessageContaining("appendonly is always \"yes\" here");
        assertThatThrownBy(() -> ConfigFile.load(directory.resolve("none"), config))
                .hasMessageContaining("there is no such file");
    }

    @Test
    void sizesAreReadAsRedisReadsThem() throws ConfigException {
        assertThat(ServerConfig.bytes("n", "1k", 0, Long.MAX_VALUE)).isEqualTo(1000);
        assertThat(ServerConfig.bytes("n", "1kb", 0, Long.MAX_VALUE)).isEqualTo(1024);
        assertThat(ServerConfig.bytes("n", "5GB", 0, Long.MAX_VALUE)).isEqualTo(5L << 30);
        assertThat(ServerConfig.bytes("n", "7", 0, Long.MAX_VALUE)).isEqualTo(7);
        assertThatThrownBy(() -> ServerConfig.bytes("n", "1tb", 0, Long.MAX_VALUE))
                .hasMessage("n is 1tb: must be a number of bytes, such as 1048576, 64mb or 2gb");
        assertThatThrownBy(() -> ServerConfig.bytes("n", "-1", 0, 10)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> ServerConfig.bytes("n", "11", 0, 10)).hasMessage("n is 11: must be 0 to 10 bytes");
    }
}
