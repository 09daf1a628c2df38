package io.sietch.bench.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.SplittableRandom;
import org.apache.commons.rng.sampling.distribution.RejectionInversionZipfSampler;
import org.apache.commons.rng.simple.RandomSource;

/**
 * The entries of a run. A key has 16 bytes that are a function of its number and look random; a value begins with that
 * number, so that whoever reads it can tell that it is the right one, and goes on with bytes that do not compress.
 *
 * @param entries how many
 * @param valueBytes of each, at least eight
 */
record Data(long entries, int valueBytes) {
    static final int KEY_BYTES = 16;

    /** Of Zipf's law, as YCSB has it. */
    static final double EXPONENT = 0.99;

    private static final int DRAWN = 1 << 20;
    private static final int POOL_BYTES = 1 << 16;
    private static final byte[] POOL = new byte[POOL_BYTES * 2];
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    static {
        new SplittableRandom(1).nextBytes(POOL);
    }

    /** Which keys are asked for. */
    enum Choice {
        UNIFORM("uniform"),
        ZIPF("Zipf " + EXPONENT);

        private final String title;

        Choice(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    Data {
        if (entries < 1 || valueBytes < Long.BYTES) {
            throw new IllegalArgumentException(entries + " entries of " + valueBytes + " bytes");
        }
    }

    /** Of a text like {@code 1000000x100}. */
    static Data parse(String text) {
        String[] parts = text.split("x", -1);
        try {
            if (parts.length == 2) {
                return new Data(Long.parseLong(parts[0]), Integer.parseInt(parts[1]));
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException("\"" + text + "\" is not entries x bytes of a value, like 1000000x100");
    }

    /** Writes the key with this number. */
    static void key(long number, byte[] target) {
        LONGS.set(target, 0, mix(number));
        LONGS.set(target, 8, mix(number ^ 0x5851f42d4c957f2dL));
    }

    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /** Writes a value for the key with this number. */
    static void value(long number, int variant, byte[] target) {
        for (int at = 0; at < target.length; at += POOL_BYTES) {
            int length = Math.min(POOL_BYTES, target.length - at);
            System.arraycopy(POOL, variant & POOL_BYTES - 1, target, at, length);
        }
        LONGS.set(target, 0, number);
    }

    /** Whether this is a value of the key with this number. */
    boolean isValue(long number, byte[] value) {
        return value.length == valueBytes && (long) LONGS.get(value, 0) == number;
    }

    /** Numbers of keys to ask for, one after the other and then again from the start. */
    int[] draw(Choice choice, long seed) {
        int[] drawn = new int[DRAWN];
        switch (choice) {
            case UNIFORM -> {
                SplittableRandom random = new SplittableRandom(seed);
                for (int i = 0; i < DRAWN; i++) {
                    drawn[i] = (int) random.nextLong(entries);
                }
            }
            case ZIPF -> {
                var sampler = RejectionInversionZipfSampler.of(
                        RandomSource.XO_RO_SHI_RO_128_PP.create(seed), (int) entries, EXPONENT);
                for (int i = 0; i < DRAWN; i++) {
                    drawn[i] = sampler.sample() - 1;
                }
            }
        }
        return drawn;
    }

    String title() {
        return count(entries) + " x " + valueBytes + " B";
    }

    private static String count(long number) {
        if (number % 1_000_000 == 0) {
            return number / 1_000_000 + " M";
        }
        return number % 1000 == 0 ? number / 1000 + " k" : String.format(Locale.ROOT, "%,d", number);
    }
}
