package io.sietch.bench.report;

/** Tells what of a peer is on the class path: a build may lack it. */
public final class Library {
    /** The version of this project. */
    public static final String OWN_VERSION = "0.1.0";

    private Library() {}

    /** Whether a class is on the class path. It is not loaded. */
    public static boolean has(String className) {
        return ClassLoader.getSystemResource(fileOf(className)) != null;
    }

    /** The version in the name of the jar that a class would be loaded from. */
    public static String versionOf(String className) {
        var found = ClassLoader.getSystemResource(fileOf(className));
        if (found == null) {
            return "not installed";
        }
        String jar = found.getPath().replaceFirst("!.*", "").replaceFirst(".*/", "");
        return jar.replaceFirst("^.*?-(?=[0-9]+\\.)", "").replaceFirst("\\.jar$", "");
    }

    private static String fileOf(String className) {
        return className.replace('.', '/') + ".class";
    }
}
