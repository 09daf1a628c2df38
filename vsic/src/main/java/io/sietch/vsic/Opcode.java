package io.sietch.vsic;

/** What a command asks the device to do. The names are those of the NVM command set. */
enum Opcode {
    READ,
    WRITE,
    /** A WRITE that completes when it is durable (the FUA bit). */
    WRITE_FUA,
    FLUSH,
    DEALLOCATE
}
