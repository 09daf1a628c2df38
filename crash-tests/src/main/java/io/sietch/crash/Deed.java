package io.sietch.crash;

/**
 * Something that a subject did in a life, as far as it had come when the crash came.
 *
 * @param operation the subject's own description of it
 * @param acknowledged whether its success had been reported
 */
public record Deed<O>(O operation, boolean acknowledged) {}
