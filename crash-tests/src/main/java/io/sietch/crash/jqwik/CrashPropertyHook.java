package io.sietch.crash.jqwik;

import io.sietch.crash.junit.CrashRun;
import java.util.Optional;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.ParameterResolutionContext;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;
import net.jqwik.api.lifecycle.ResolveParameterHook;

/** Gives a {@link CrashProperty} its {@link CrashRun}. For jqwik. */
public final class CrashPropertyHook implements ResolveParameterHook {
    private static final long BYTES = 1 << 20;

    /** For jqwik. */
    public CrashPropertyHook() {}

    @Override
    public Optional<ParameterSupplier> resolve(ParameterResolutionContext parameter, LifecycleContext context) {
        if (parameter.parameter().getType() != CrashRun.class
                || !(context instanceof PropertyLifecycleContext property)) {
            return Optional.empty();
        }
        CrashRun run = run(property).silent();
        return Optional.of(ignored -> run);
    }

    private static CrashRun run(PropertyLifecycleContext property) {
        String name = property.containerClass().getSimpleName() + "#"
                + property.targetMethod().getName();
        Optional<CrashProperty> annotation = property.findAnnotation(CrashProperty.class);
        return annotation
                .map(crash -> CrashRun.of(name, crash.bytes(), crash.files()))
                .orElseGet(() -> CrashRun.of(name, BYTES, false));
    }
}
