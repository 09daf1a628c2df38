package io.sietch.crash.junit;

import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Gives a {@link CrashTest} its {@link CrashRun}. For JUnit. */
public final class CrashTestExtension implements ParameterResolver {
    /** For JUnit. */
    public CrashTestExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == CrashRun.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Method method = context.getRequiredTestMethod();
        CrashTest test = AnnotationSupport.findAnnotation(method, CrashTest.class)
                .orElseThrow(() -> new IllegalStateException(method + " takes a CrashRun and is no CrashTest"));
        String name = context.getRequiredTestClass().getSimpleName() + "#" + method.getName();
        return CrashRun.of(name, test.bytes(), test.files());
    }
}
