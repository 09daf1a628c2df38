package io.sietch.vsa;

/** What one copy of the catalogue turned out to be. */
sealed interface CatalogueCopy {
    /** Intact. */
    record Valid(long sequence, Catalogue catalogue) implements CatalogueCopy {}

    /** Begins as a catalogue does, but the rest is not what was written; or it cannot be read. */
    record Damaged(String detail) implements CatalogueCopy {}

    /** Does not even begin as a catalogue does. */
    record Unmarked() implements CatalogueCopy {}

    /** Intact as far as one can tell, and written by a program that knows more than this one. */
    record UnknownVersion(int version) implements CatalogueCopy {}
}
