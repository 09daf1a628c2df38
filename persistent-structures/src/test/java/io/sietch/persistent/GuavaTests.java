package io.sietch.persistent;

import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import junit.framework.Test;
import junit.framework.TestCase;
import junit.framework.TestSuite;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

/** Guava's tests of collections are JUnit 3's; each becomes one of JUnit 5's. */
final class GuavaTests {
    private GuavaTests() {}

    /** @param wanted which of the suites' members are run */
    static List<DynamicNode> nodes(TestSuite suite, Predicate<Test> wanted) {
        return Collections.list(suite.tests()).stream()
                .filter(wanted)
                .map(test -> node(test, wanted))
                .toList();
    }

    private static DynamicNode node(Test test, Predicate<Test> wanted) {
        return switch (test) {
            case TestSuite suite -> DynamicContainer.dynamicContainer(suite.getName(), nodes(suite, wanted));
            case TestCase one -> DynamicTest.dynamicTest(one.getName(), one::runBare);
            default -> throw new IllegalStateException("neither test nor suite: " + test);
        };
    }
}
