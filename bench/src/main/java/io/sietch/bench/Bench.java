package io.sietch.bench;

import io.sietch.bench.echo.EchoCommand;
import io.sietch.bench.jmh.JmhCommand;
import io.sietch.bench.log.LogCommand;
import io.sietch.bench.queue.QueueCommand;
import io.sietch.bench.redis.CleaningCommand;
import io.sietch.bench.redis.JedisCommand;
import io.sietch.bench.redis.RedisCommand;
import io.sietch.bench.redis.ShmCommand;
import io.sietch.bench.redis.ShmLoadCommand;
import io.sietch.bench.redis.ShmStepsCommand;
import io.sietch.bench.store.OpenCommand;
import io.sietch.bench.store.SoakCommand;
import io.sietch.bench.store.TableCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line of the benchmarks. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        version = "Sietch bench 0.1.0",
        description = "Measures Sietch and its peers side by side, in one run, on this machine.",
        subcommands = {
            LogCommand.class,
            TableCommand.class,
            QueueCommand.class,
            RedisCommand.class,
            CleaningCommand.class,
            ShmCommand.class,
            ShmLoadCommand.class,
            ShmStepsCommand.class,
            JedisCommand.class,
            EchoCommand.class,
            JmhCommand.class,
            SoakCommand.class,
            OpenCommand.class
        })
public final class Bench implements Runnable {
    @Spec
    private final CommandSpec spec;

    private Bench() {
        this.spec = CommandSpec.create();
    }

    /** Ends with 0, with 1 if a run fails, or with 2 if the command line is wrong. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Bench());
        // A failure is said in one line: whoever measures has no use for a stack.
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            String message = failure.getMessage();
            command.getErr().println("bench: " + (message == null ? failure.toString() : message));
            return CommandLine.ExitCode.SOFTWARE;
        });
        return line;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "Missing command: " + String.join(", ", spec.subcommands().keySet()));
    }
}
