package io.sietch.crash.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that has storage code crash. The method takes a {@link CrashRun} and has it explore:
 *
 * <pre>{@code
 * @CrashTest(files = true)
 * void keepsWhatItAcknowledged(CrashRun run) {
 *     run.explore(MySubject::new);
 * }
 * }</pre>
 *
 * <p>A failure says how to see it again: {@code -Dsietch.crash.token=...} replays it alone, {@code
 * -Dsietch.crash.seed=...} the whole run.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Test
@ExtendWith(CrashTestExtension.class)
public @interface CrashTest {
    /** The size of the medium in bytes, a multiple of 4096. */
    long bytes() default 1 << 20;

    /** Whether the medium is to hold files, see {@link io.sietch.crash.file.CrashFiles}. */
    boolean files() default false;
}
