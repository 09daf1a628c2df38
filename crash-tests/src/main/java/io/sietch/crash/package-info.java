/**
 * The crash-consistency kit: finds out what storage code loses when the power goes.
 *
 * <p>{@link io.sietch.crash.CrashMedia} stands under a controller in place of a real medium and remembers every version
 * of every sector. {@link io.sietch.crash.CrashExplorer} runs a workload on it once, then builds the images that a
 * power loss at each event may leave, has each recovered from, and asks the subject's oracle.
 * {@link io.sietch.crash.CrashSubject} is what one writes to have one's own code tested; docs/crash-tests.md shows it
 * in ten lines.
 */
package io.sietch.crash;
