package io.sietch.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What docs/tcp.md names is there. */
class TcpDocumentTest {
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)?\\.(\\w+)`");
    private static final Pattern SCRIPT = Pattern.compile("`([a-z]+: [^`]+)`");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| ([0-9, to]+) \\|");

    private static String document() throws IOException {
        return Files.readString(Path.of("../docs/tcp.md"));
    }

    @Test
    void eachTestThatIsNamedExists() throws IOException, ClassNotFoundException {
        Matcher matcher = TEST.matcher(document());
        String type = "";
        int named = 0;
        while (matcher.find()) {
            type = matcher.group(1) == null ? type : matcher.group(1);
            Set<String> methods = Arrays.stream(
                            Class.forName("io.sietch.net." + type).getDeclaredMethods())
                    .map(method -> method.getName())
                    .collect(Collectors.toSet());
            assertThat(methods).contains(matcher.group(2));
            named++;
        }
        assertThat(named).isGreaterThan(8);
    }

    @Test
    void eachScriptThatIsNamedExists() throws IOException {
        Set<String> known =
                ScriptLibrary.all().stream().map(ScriptLibrary::name).collect(Collectors.toSet());
        Set<String> named = SCRIPT.matcher(document().replace('\n', ' '))
                .results()
                .map(result -> result.group(1))
                .collect(Collectors.toSet());
        assertThat(named).hasSizeGreaterThan(30);
        assertThat(known).containsAll(named);
    }

    @Test
    void eachOfTheSixtyNineRequirementsIsSpokenOfOnce() throws IOException {
        Set<Integer> numbers = new HashSet<>();
        ROW.matcher(document()).results().forEach(row -> {
            for (String part : row.group(1).split(", ")) {
                int[] ends = Arrays.stream(part.split(" to "))
                        .mapToInt(Integer::parseInt)
                        .toArray();
                for (int i = ends[0]; i <= ends[ends.length - 1] && ends[0] < 70; i++) {
                    assertThat(numbers.add(i)).as("MUST-%d twice", i).isTrue();
                }
            }
        });
        assertThat(numbers)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, 69).boxed().toList());
    }
}
