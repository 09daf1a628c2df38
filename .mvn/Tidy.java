import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Holds the sources to the house style: layout as palantir-java-format has it, and the few rules below that no compiler
 * knows. The build runs it before anything else of {@code verify}; {@code mvn -Ptidy validate} lets it rewrite.
 *
 * <p>Arguments: {@code check} or {@code fix}, the root of the checkout, the file to write complaints to. Exit: 0 if all
 * is well, {@value #COMPLAINTS} if there are complaints.
 *
 * <p>It is started from source on the toolchain's JDK, because a formatter that runs inside Maven parses with the JDK
 * that runs Maven, which may be older than the sources.
 */
public final class Tidy {
    private static final int COMPLAINTS = 3;
    private static final int MAX_LINE = 120;
    private static final String EXAMPLES =
            "persistent-structures/src/test/java/io/sietch/persistent/ReadmeExamplesTest.java";
    private static final int MAX_FILE_LINES = 600;
    private static final int MAX_METHOD_LINES = 60;

    /** What no line may hold, and why. */
    private static final Map<Pattern, String> FORBIDDEN = Map.of(
            Pattern.compile("\\t"), "a tab; indent with spaces",
            Pattern.compile("\\b(TO" + "DO|FIX" + "ME)\\b"), "an unfinished note; finish it or file an issue");

    /** What no line of a test may hold, and why. */
    private static final Map<Pattern, String> FORBIDDEN_IN_TESTS = Map.of(
            Pattern.compile("\\bThread\\.sleep\\("), "a sleep; step the pollers, or wait for the event itself",
            Pattern.compile("@Disabled\\b"), "a switched-off test; mend it or remove it");

    private static final Pattern PUBLIC_TYPE = Pattern.compile(
            "public (abstract |final |sealed |non-sealed )*(class|interface|record|enum|@interface) .*");

    /** The first line of a method of a top-level type, as the formatter lays it out. */
    private static final Pattern METHOD = Pattern.compile(" {4}[\\w<][^=]*\\(.*(\\{|\\(|,)");

    private final Path root;
    private final boolean fix;
    private final Formatter layout = formatter(false);
    private final Formatter layoutAndJavadoc = formatter(true);
    private final Map<Path, List<String>> complaints = new TreeMap<>();

    private Tidy(Path root, boolean fix) {
        this.root = root;
        this.fix = fix;
    }

    public static void main(String[] args) throws IOException {
        Tidy tidy = new Tidy(Path.of(args[1]), args[0].equals("fix"));
        try (Stream<Path> files = Files.walk(tidy.root)) {
            files.filter(tidy::isSource).toList().parallelStream().forEach(tidy::visit);
        }
        tidy.readExamples();
        System.exit(tidy.report(Path.of(args[2])) ? 0 : COMPLAINTS);
    }

    private static Formatter formatter(boolean javadoc) {
        return Formatter.createFormatter(JavaFormatterOptions.builder()
                .style(JavaFormatterOptions.Style.PALANTIR)
                .formatJavadoc(javadoc)
                .build());
    }

    private boolean isSource(Path file) {
        if (!file.toString().endsWith(".java")) {
            return false;
        }
        Path inside = root.relativize(file);
        return inside.startsWith(".mvn")
                || inside.getNameCount() > 2 && inside.getName(1).endsWith("src");
    }

    private void visit(Path file) {
        try {
            String source = Files.readString(file);
            String formatted = format(file, source);
            if (!fix && !formatted.equals(source)) {
                complain(file, 0, "is not formatted");
            } else if (!formatted.equals(source)) {
                Files.writeString(file, formatted);
                System.out.println("rewritten: " + root.relativize(file));
            }
            read(file, fix ? formatted : source);
            boolean main = file.toString().contains("src/main/java/io/");
            if (main && !Files.exists(file.resolveSibling("package-info.java"))) {
                complain(file, 0, "is in a package without package-info.java");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Javadoc is laid out by hand, and rewritten only where a line of it is too long. */
    private String format(Path file, String source) {
        try {
            String formatted = layout.formatSourceAndFixImports(source);
            if (fix && formatted.lines().anyMatch(line -> line.length() > MAX_LINE)) {
                return layoutAndJavadoc.formatSourceAndFixImports(source);
            }
            return formatted;
        } catch (FormatterException e) {
            complain(file, 0, "cannot be parsed: " + e.getMessage());
            return source;
        }
    }

    private void read(Path file, String source) {
        List<String> lines = source.lines().toList();
        boolean test = file.toString().contains("src/test/");
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.length() > MAX_LINE) {
                complain(file, i + 1, line.length() + " characters, at most " + MAX_LINE);
            }
            forbid(file, i + 1, line, FORBIDDEN);
            if (test) {
                forbid(file, i + 1, line, FORBIDDEN_IN_TESTS);
            } else if (PUBLIC_TYPE.matcher(line).matches() && !isDocumented(lines, i)) {
                complain(file, i + 1, "a public type without Javadoc");
            }
        }
        measureMethods(file, lines);
        if (lines.size() > MAX_FILE_LINES) {
            complain(file, 0, "has " + lines.size() + " lines, at most " + MAX_FILE_LINES);
        }
    }

    private void measureMethods(Path file, List<String> lines) {
        int first = -1;
        boolean hasBody = false;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (first < 0 && METHOD.matcher(line).matches()) {
                first = i;
                hasBody = line.endsWith("{");
            } else if (first >= 0 && !hasBody) {
                hasBody = line.endsWith("{");
                first = line.endsWith(";") ? -1 : first;
            } else if (first >= 0 && line.equals("    }")) {
                int length = i - first + 1;
                if (length > MAX_METHOD_LINES) {
                    complain(file, first + 1, "a method of " + length + " lines, at most " + MAX_METHOD_LINES);
                }
                first = -1;
            }
        }
    }

    private static boolean isDocumented(List<String> lines, int declaration) {
        int above = declaration - 1;
        while (above >= 0 && isPartOfAnnotation(lines.get(above))) {
            above--;
        }
        return above >= 0 && lines.get(above).endsWith("*/");
    }

    /** An annotation with many values stands on several lines. */
    private static boolean isPartOfAnnotation(String line) {
        return line.startsWith("@") || line.startsWith(")") || line.startsWith(" ") && !line.startsWith(" *");
    }

    /** Every Java example of the README stands in a test, word for word but for its indentation. */
    private void readExamples() throws IOException {
        String test = plain(Files.readString(root.resolve(EXAMPLES)));
        Path readme = root.resolve("README.md");
        Matcher example = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(readme));
        while (example.find()) {
            if (!test.contains(plain(example.group(1)))) {
                complain(readme, 0, "has a Java example that is not in " + EXAMPLES);
            }
        }
    }

    private static String plain(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining("\n"));
    }

    private void forbid(Path file, int number, String line, Map<Pattern, String> rules) {
        rules.forEach((pattern, reason) -> {
            if (pattern.matcher(line).find()) {
                complain(file, number, reason);
            }
        });
    }

    private void complain(Path file, int line, String what) {
        synchronized (complaints) {
            complaints
                    .computeIfAbsent(root.relativize(file), key -> new ArrayList<>())
                    .add(line == 0 ? " " + what : ":" + line + ": " + what);
        }
    }

    private boolean report(Path list) throws IOException {
        List<String> lines = complaints.entrySet().stream()
                .flatMap(entry -> entry.getValue().stream().map(what -> entry.getKey() + what))
                .toList();
        lines.forEach(System.err::println);
        if (lines.isEmpty()) {
            Files.deleteIfExists(list);
        } else {
            Files.createDirectories(list.getParent());
            Files.write(list, lines);
        }
        return lines.isEmpty();
    }
}
