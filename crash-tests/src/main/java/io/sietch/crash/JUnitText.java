package io.sietch.crash;

import io.sietch.vsic.LatencyModel;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Locale;

/** Writes a test of JUnit 5 that does a failure again: for the package of the subject. */
final class JUnitText {
    private static final int CONTROL_MAX = 0x1f;

    private JUnitText() {}

    /**
     * The source of a test.
     *
     * @param subject the class of the subject; what cannot be made from outside is left to the reader
     * @param workload what the subject's constructor takes, as an expression; empty if it takes nothing
     * @param token what replays the failure, with a subject that has this workload
     */
    static String of(CrashPlan plan, Class<?> subject, String workload, boolean hasWorkload, String token) {
        String name = "Replay" + Integer.toHexString((plan.name() + token).hashCode()) + "Test";
        String made = made(subject, workload, hasWorkload);
        StringBuilder text = new StringBuilder();
        if (!subject.getPackageName().isEmpty()) {
            text.append("package ").append(subject.getPackageName()).append(";\n\n");
        }
        imports(text, made, workload);
        text.append("/** ")
                .append(plan.name().replace("*/", "* /").replace("\\u", "\\ u"))
                .append(" broke a promise here. */\nclass ")
                .append(name)
                .append(" {\n    @Test\n    void thePromiseIsKept() {\n");
        text.append("        CrashPlan plan = CrashPlan.of(\n                        ")
                .append(literal(plan.name()))
                .append(",\n                        ")
                .append(geometry(plan.geometry()))
                .append(")\n                .withModel(")
                .append(model(plan.model()))
                .append(")\n                .withLatency(")
                .append(latency(plan.latency()))
                .append(plan.lazyViews() ? ")\n                .withLazyViews();\n" : ");\n");
        text.append("        new CrashExplorer<>(")
                .append(made.isEmpty() ? name + "::subject" : made)
                .append(", plan)\n                .replay(")
                .append(literal(token))
                .append(");\n    }\n");
        if (made.isEmpty()) {
            text.append("\n    /** To be filled in: the subject as the test that failed makes it. */\n")
                    .append("    private static CrashSubject<Object, Object> subject() {\n")
                    .append("        throw new UnsupportedOperationException(\"new ")
                    .append(subject.getTypeName()
                            .substring(subject.getTypeName().lastIndexOf('.') + 1))
                    .append(hasWorkload ? "(...)" : "()")
                    .append("\");\n    }\n");
        }
        return text.append("}\n").toString();
    }

    /** An expression that makes a subject; empty if nothing outside can. */
    private static String made(Class<?> subject, String workload, boolean hasWorkload) {
        boolean can = hasWorkload ? !workload.isEmpty() && isMadeOf(subject, List.class) : isMadeOf(subject);
        String name = can ? subject.getCanonicalName().replace(subject.getPackageName() + ".", "") : "";
        return !can ? "" : hasWorkload ? "() -> new " + name + "(" + workload + ")" : name + "::new";
    }

    private static void imports(StringBuilder text, String made, String workload) {
        text.append("""
            import io.sietch.crash.CrashExplorer;
            import io.sietch.crash.CrashGeometry;
            import io.sietch.crash.CrashModel;
            import io.sietch.crash.CrashPlan;
            """);
        text.append(made.isEmpty() ? "import io.sietch.crash.CrashSubject;\n" : "")
                .append("import io.sietch.vsic.LatencyModel;\n")
                .append(made.isEmpty() || workload.isEmpty() ? "" : "import java.util.List;\n")
                .append("import org.junit.jupiter.api.Test;\n\n");
    }

    /** Whether code of the same package can call this constructor. */
    private static boolean isMadeOf(Class<?> subject, Class<?>... parameters) {
        for (Class<?> each = subject; each != null; each = each.getEnclosingClass()) {
            boolean inner = each.getEnclosingClass() != null && !Modifier.isStatic(each.getModifiers());
            if (Modifier.isPrivate(each.getModifiers()) || inner || each.isHidden() || each.isAnonymousClass()) {
                return false;
            }
        }
        for (Constructor<?> constructor : subject.getDeclaredConstructors()) {
            if (!Modifier.isPrivate(constructor.getModifiers())
                    && List.of(constructor.getParameterTypes()).equals(List.of(parameters))) {
                return !Modifier.isAbstract(subject.getModifiers());
            }
        }
        return false;
    }

    private static String geometry(CrashGeometry geometry) {
        return String.format(
                Locale.ROOT,
                "new CrashGeometry(%dL, %dL, %d, %d, %dL)",
                geometry.size(),
                geometry.maxSize(),
                geometry.blockSize(),
                geometry.sectorSize(),
                geometry.soundBytes());
    }

    private static String model(CrashModel model) {
        return String.format(
                Locale.ROOT,
                "new CrashModel(CrashModel.Survival.%s, %b, %b, %b, %d)",
                model.survival().name(),
                model.tears(),
                model.garbage(),
                model.powersafeOverwrite(),
                model.maxDamaged());
    }

    private static String latency(LatencyModel latency) {
        return String.format(
                Locale.ROOT,
                "new LatencyModel(%dL, %dL, %dL)",
                latency.readNanos(),
                latency.writeNanos(),
                latency.flushNanos());
    }

    /** A string as Java source. */
    static String literal(String text) {
        StringBuilder source = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                source.append('\\').append(c);
            } else if (c <= CONTROL_MAX || c > '~') {
                source.append(String.format(Locale.ROOT, c > CONTROL_MAX ? "\\u%04x" : "\\%03o", (int) c));
            } else {
                source.append(c);
            }
        }
        return source.append('"').toString();
    }
}
