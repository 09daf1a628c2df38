package io.sietch.vsic;

/** A completion queue entry. Allocated with the ring and written anew for each completion. */
final class Completion {
    long tag;
    Status status = Status.SUCCESS;
}
