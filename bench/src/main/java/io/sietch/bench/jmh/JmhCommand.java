package io.sietch.bench.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** {@code bench jmh}: runs the JMH benchmarks. What follows goes to JMH, whose own help is {@code bench jmh -h}. */
@Command(
        name = "jmh",
        description =
                "Runs the JMH benchmarks with -prof gc. What follows goes to JMH: a pattern of names, -h, -l, -f 1 ...")
public final class JmhCommand implements Callable<Integer> {
    @Unmatched
    private final List<String> args = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        List<String> all = new ArrayList<>(args);
        if (!all.contains("-prof")) {
            all.add("-prof");
            all.add("gc");
        }
        Main.main(all.toArray(String[]::new));
        return 0;
    }
}
