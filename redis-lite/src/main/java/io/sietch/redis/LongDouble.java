package io.sietch.redis;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Floating-point numbers as Redis computes with them on x86-64: the 80-bit format with 64 bits of precision, exactly.
 * Only {@code INCRBYFLOAT} needs it, so it may be slow.
 *
 * @param value null: infinite
 * @param negative of an infinite one
 */
record LongDouble(@Nullable BigDecimal value, boolean negative) {
    static final LongDouble ZERO = new LongDouble(BigDecimal.ZERO, false);

    /** The longest text that is read as a number. */
    static final int MAX_LENGTH = 5 * 1024 - 1;

    private static final Pattern DECIMAL = Pattern.compile("([+-]?)(\\d*)(?:\\.(\\d*))?(?:[eE]([+-]?\\d+))?");
    private static final Pattern HEXADECIMAL =
            Pattern.compile("([+-]?)0[xX]([0-9a-fA-F]*)(?:\\.([0-9a-fA-F]*))?(?:[pP]([+-]?\\d+))?");
    private static final Pattern INFINITE = Pattern.compile("([+-]?)inf(?:inity)?", Pattern.CASE_INSENSITIVE);

    private static final int PRECISION = 64; // bits
    private static final int MIN_EXPONENT = -16445; // of the last bit of the smallest numbers
    private static final int MAX_BITS = 16384;
    private static final int MAX_DECIMAL_EXPONENT = 6000; // beyond this nothing is in range; keeps the arithmetic small

    /** The number that the text is, or null if it is none or out of range. */
    static @Nullable LongDouble parse(String text) {
        Matcher infinite = INFINITE.matcher(text);
        if (infinite.matches()) {
            return new LongDouble(null, infinite.group(1).equals("-"));
        }
        BigDecimal exact = exact(text);
        if (exact == null) {
            return null;
        }
        BigDecimal rounded = round(exact);
        boolean outOfRange = rounded == null || rounded.signum() == 0 && exact.signum() != 0;
        return outOfRange ? null : new LongDouble(rounded, false);
    }

    private static @Nullable BigDecimal exact(String text) {
        Matcher matcher = DECIMAL.matcher(text);
        int radix = 10;
        if (!matcher.matches()) {
            matcher = HEXADECIMAL.matcher(text);
            radix = 16;
            if (!matcher.matches()) {
                return null;
            }
        }
        String whole = matcher.group(2);
        String fraction = matcher.group(3) == null ? "" : matcher.group(3);
        if (whole.isEmpty() && fraction.isEmpty()) {
            return null;
        }
        BigInteger digits = new BigInteger(whole + fraction, radix);
        if (digits.signum() == 0) {
            return BigDecimal.ZERO;
        }
        BigInteger exponent = matcher.group(4) == null ? BigInteger.ZERO : new BigInteger(matcher.group(4));
        if (exponent.bitLength() > 15) {
            return exponent.signum() < 0 ? tiny() : huge(); // out of range for any number of so few digits
        }
        int power = exponent.intValue();
        BigDecimal value;
        if (radix == 16) {
            int shift = power - 4 * fraction.length();
            BigDecimal two = BigDecimal.valueOf(2);
            value = shift >= 0
                    ? new BigDecimal(digits.shiftLeft(shift))
                    : new BigDecimal(digits).divide(two.pow(-shift));
        } else if (Math.abs(power) > MAX_DECIMAL_EXPONENT) {
            return power < 0 ? tiny() : huge();
        } else {
            value = new BigDecimal(digits).scaleByPowerOfTen(power - fraction.length());
        }
        return matcher.group(1).equals("-") ? value.negate() : value;
    }

    private static BigDecimal tiny() {
        return BigDecimal.ONE.scaleByPowerOfTen(-MAX_DECIMAL_EXPONENT);
    }

    private static BigDecimal huge() {
        return BigDecimal.ONE.scaleByPowerOfTen(MAX_DECIMAL_EXPONENT);
    }

    /** The sum, rounded; null if it is infinite or not a number. */
    @Nullable
    BigDecimal plus(LongDouble other) {
        return value == null || other.value == null ? null : round(value.add(other.value));
    }

    /** The nearest number of that precision, ties to even; null: too large. */
    static @Nullable BigDecimal round(BigDecimal exact) {
        if (exact.signum() == 0) {
            return BigDecimal.ZERO;
        }
        // exact = numerator / denominator; find the exponent for which the quotient has 64 bits
        BigInteger numerator = exact.unscaledValue().abs();
        BigInteger denominator = BigInteger.ONE;
        if (exact.scale() > 0) {
            denominator = BigInteger.TEN.pow(exact.scale());
        } else {
            numerator = numerator.multiply(BigInteger.TEN.pow(-exact.scale()));
        }
        int exponent = Math.max(MIN_EXPONENT, numerator.bitLength() - denominator.bitLength() - PRECISION);
        BigInteger quotient = divide(numerator, denominator, exponent);
        if (quotient.bitLength() > PRECISION) {
            quotient = divide(numerator, denominator, ++exponent);
        }
        if (quotient.bitLength() + exponent > MAX_BITS) {
            return null;
        }
        BigDecimal result = exponent >= 0
                ? new BigDecimal(quotient.shiftLeft(exponent))
                : new BigDecimal(quotient).divide(BigDecimal.valueOf(2).pow(-exponent));
        return exact.signum() < 0 ? result.negate() : result;
    }

    /** numerator / (denominator * 2^exponent), to the nearest integer, ties to even. */
    private static BigInteger divide(BigInteger numerator, BigInteger denominator, int exponent) {
        BigInteger n = exponent < 0 ? numerator.shiftLeft(-exponent) : numerator;
        BigInteger d = exponent > 0 ? denominator.shiftLeft(exponent) : denominator;
        return new BigDecimal(n)
                .divide(new BigDecimal(d), 0, RoundingMode.HALF_EVEN)
                .toBigInteger();
    }

    /** With at most 17 digits behind the point, no exponent, no zeros at the end. */
    static String format(BigDecimal value) {
        BigDecimal shown = value.setScale(17, RoundingMode.HALF_EVEN);
        if (shown.signum() == 0) {
            return "0";
        }
        return shown.stripTrailingZeros().toPlainString();
    }
}
