package io.sietch.crash.jqwik;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AddLifecycleHook;

/**
 * A property that has storage code crash, whatever it is asked for: a {@code Property} of 20 tries whose method takes,
 * beside what jqwik makes up, a {@link io.sietch.crash.junit.CrashRun}.
 *
 * <pre>{@code
 * @CrashProperty(files = true)
 * void keepsWhatItAcknowledged(@ForAll @Size(max = 6) List<@StringLength(max = 600) String> notes, CrashRun run) {
 *     run.explore(notes, MySubject::new);
 * }
 * }</pre>
 *
 * <p>jqwik makes the operations of a failure few and simple, and tries them first the next time. For other tries,
 * {@code @Property(tries = ...) @AddLifecycleHook(CrashPropertyHook.class)} does the same with a medium of 1 MiB.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Property(tries = 20)
@AddLifecycleHook(CrashPropertyHook.class)
public @interface CrashProperty {
    /** The size of the medium in bytes, a multiple of 4096. */
    long bytes() default 1 << 20;

    /** Whether the medium is to hold files, see {@link io.sietch.crash.file.CrashFiles}. */
    boolean files() default false;
}
