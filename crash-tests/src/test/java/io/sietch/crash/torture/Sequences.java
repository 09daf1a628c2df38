package io.sietch.crash.torture;

import java.util.List;

/**
 * All sequences of some operations up to a length, by number: the short ones first.
 *
 * @param separator what parts operations in the text of a sequence
 */
record Sequences(List<String> operations, int maxLength, String separator) {
    /** How many there are, the empty one aside. */
    int count() {
        int count = 0;
        for (int length = 1; length <= maxLength; length++) {
            count += power(length);
        }
        return count;
    }

    private int power(int length) {
        int product = 1;
        for (int i = 0; i < length; i++) {
            product *= operations.size();
        }
        return product;
    }

    /** The sequence of a number from 0 on. */
    String get(int number) {
        int length = 1;
        int rest = number;
        for (; rest >= power(length); length++) {
            rest -= power(length);
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(i == 0 ? "" : separator).append(operations.get(rest % operations.size()));
            rest /= operations.size();
        }
        return text.toString();
    }
}
