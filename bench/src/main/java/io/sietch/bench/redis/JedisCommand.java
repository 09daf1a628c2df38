package io.sietch.bench.redis;

import io.sietch.vnic.VnicSocketFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redis.clients.jedis.Jedis;

/** {@code bench jedis}: one request by unmodified Jedis to a redis-lite that runs with {@code --listen shm://PATH}. */
@Command(
        name = "jedis",
        mixinStandardHelpOptions = true,
        description = "Sends one request to a running redis-lite by Jedis over shared memory.")
public final class JedisCommand implements Callable<Integer> {
    @Spec
    private final CommandSpec spec = CommandSpec.create();

    @Option(names = "--door", required = true, description = "The server's socket.")
    private Path door = Path.of("");

    @Parameters(arity = "1..*", description = "The request, as redis-cli has it.")
    private List<String> words = List.of();

    private JedisCommand() {}

    @Override
    public Integer call() throws IOException {
        String[] arguments = words.stream().skip(1).toArray(String[]::new);
        try (VnicSocketFactory sockets = VnicSocketFactory.open(door);
                Jedis jedis = JedisFork.over(sockets)) {
            Object answer = jedis.sendCommand(() -> words.getFirst().getBytes(StandardCharsets.UTF_8), arguments);
            spec.commandLine().getOut().println(text(answer));
        }
        return 0;
    }

    /** Strings come as bytes, arrays as lists. */
    static String text(@Nullable Object answer) {
        return switch (answer) {
            case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8);
            case List<?> list -> list.stream().map(JedisCommand::text).collect(Collectors.joining("\n"));
            case null -> "(nil)";
            default -> answer.toString();
        };
    }
}
