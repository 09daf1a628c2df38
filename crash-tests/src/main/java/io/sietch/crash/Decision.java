package io.sietch.crash;

/**
 * What has to be decided to turn a power loss into one particular image. In each, 0 is "as if nothing had gone wrong",
 * so that the deviations of a failing image are the decisions that are not 0.
 */
public enum Decision {
    /** Which version of a sector survived: 0 the newest, then back in time to the durable one. Subject: the sector. */
    VERSION('v'),
    /** Whether a write command survived: 0 yes, 1 no. Subject: the event number of the command. */
    COMMAND('c'),
    /** How many of the last write commands were lost. Subject: 0. */
    PREFIX('p'),
    /** What happened to a sector besides: 0 nothing, else a tear or garbage. Subject: the sector. */
    DAMAGE('d'),
    /** With which other version a sector is torn. Subject: the sector. */
    TEAR_WITH('w'),
    /** Where a sector is torn, or what the garbage is. Subject: the sector. */
    DETAIL('x');

    private final char letter;

    Decision(char letter) {
        this.letter = letter;
    }

    /** The letter that stands for it in replay tokens. */
    char letter() {
        return letter;
    }

    static Decision of(char letter) {
        for (Decision decision : values()) {
            if (decision.letter == letter) {
                return decision;
            }
        }
        throw new IllegalArgumentException("no decision has the letter '" + letter + "'");
    }
}
