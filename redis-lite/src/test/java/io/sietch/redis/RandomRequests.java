package io.sietch.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes up requests on few keys, with many that are refused and many at the edges. */
final class RandomRequests {
    private static final String[] KEYS = {
        "a", "b", "c", "dd", "", "key:17", "k\u00ff\r\n", "a-rather-long-key-of-some-40-bytes-000001"
    };
    private static final String[] NUMBERS = {
        "0",
        "1",
        "-1",
        "3",
        "10",
        "-10",
        "100",
        "007",
        "+1",
        "1.5",
        "",
        " 1",
        "1 ",
        "x",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "-9223372036854775809",
        "9223372036854775806",
        "2147483647",
        "536870912",
        "4294967296",
        "-0",
        "1e3"
    };
    private static final String[] FLOATS = {
        "0",
        "1",
        "-1",
        "0.1",
        "3.0e3",
        "5.0e-2",
        "-1.23456789012345678",
        "1e17",
        "1e-17",
        "1e-20",
        "123456789.123456789",
        "0.3",
        "3.14159265358979323846",
        "inf",
        "-inf",
        "nan",
        "1e4000",
        "1e5000",
        "1e-5000",
        ".5",
        "5.",
        "+2",
        "0x10",
        "0x1p-3",
        "",
        " 1",
        "1 ",
        "1x",
        "10.50",
        "200.000",
        "9223372036854775807",
        "1e",
        ".",
        "-.25",
        "-0"
    };
    private static final String[] VALUES = {
        "",
        "0",
        "1",
        "-5",
        "12",
        "10.5",
        "abc",
        "hello world",
        "\u0000\u00fe\r\n",
        "9223372036854775807",
        "3.0e3",
        "01",
        "inf"
    };
    private static final String[] RELATIVE = {
        "1000",
        "100000",
        "3600000",
        "0",
        "-1",
        "-1000",
        "9223372036854775807",
        "9223372036854775",
        "x",
        "1.5",
        "-9223372036854775808"
    };
    private static final String[] ABSOLUTE = {
        "4000000000",
        "4000000000000",
        "4100000000",
        "1",
        "1000",
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775",
        "9223372036854776",
        "y",
        ""
    };
    private static final String[] PATTERNS = {
        "*",
        "a*",
        "?",
        "*-*",
        "[a-c]",
        "[^a]",
        "k[e-z]y:1[0-9]",
        "**",
        "\\a",
        "[c-a]",
        "[",
        "a[",
        "[^",
        "*\\",
        "",
        "dd",
        "*[",
        "[\\]a]",
        "k*7",
        "*e*0*1"
    };

    private RandomRequests() {}

    static String pick(Random random, String... from) {
        return from[random.nextInt(from.length)];
    }

    private static String key(Random random) {
        return pick(random, KEYS);
    }

    private static String value(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> "v".repeat(random.nextInt(700));
            case 1 -> Integer.toString(random.nextInt(2000) - 1000);
            case 2 -> pick(random, NUMBERS);
            default -> pick(random, VALUES);
        };
    }

    private static List<String> list(String... words) {
        return new ArrayList<>(List.of(words));
    }

    /** Any request; those of {@code SCAN} and {@code RANDOMKEY} excepted, whose replies are not determined. */
    static List<String> next(Random random) {
        List<String> request = wellFormed(random);
        if (random.nextInt(25) == 0 && request.size() > 1) {
            request.remove(request.size() - 1);
        }
        if (random.nextInt(25) == 0) {
            request.add(value(random));
        }
        if (random.nextInt(10) == 0) {
            request.set(0, request.get(0).toLowerCase(java.util.Locale.ROOT));
        }
        return request;
    }

    private static List<String> wellFormed(Random random) {
        return switch (random.nextInt(30)) {
            case 0, 1 -> list(pick(random, "GET", "STRLEN", "TYPE", "GETDEL"), key(random));
            case 2, 3 -> list(pick(random, "SET", "GETSET", "SETNX", "APPEND"), key(random), value(random));
            case 4, 5, 6 -> set(random);
            case 7, 8 -> getEx(random);
            case 9, 10 -> list(pick(random, "INCR", "DECR", "TTL", "PTTL"), key(random));
            case 11 -> list(pick(random, "INCRBY", "DECRBY"), key(random), pick(random, NUMBERS));
            case 12, 13 -> list("INCRBYFLOAT", key(random), pick(random, FLOATS));
            case 14, 15 -> list("GETRANGE", key(random), pick(random, NUMBERS), pick(random, NUMBERS));
            case 16 -> list("SETRANGE", key(random), offset(random), value(random));
            case 17, 18 -> several(random, pick(random, "DEL", "EXISTS", "MGET", "TOUCH", "UNLINK"), 1);
            case 19, 20 -> several(random, pick(random, "MSET", "MSETNX"), 2);
            case 21, 22, 23 -> expire(random);
            case 24 -> list(pick(random, "EXPIRETIME", "PEXPIRETIME", "PERSIST", "PERSIST"), key(random));
            case 25 -> list(pick(random, "RENAME", "RENAMENX"), key(random), key(random));
            case 26 -> copy(random);
            case 27 -> list("KEYS", pick(random, PATTERNS));
            case 28 -> list(pick(random, "SETEX", "PSETEX"), key(random), pick(random, RELATIVE), value(random));
            default -> rare(random);
        };
    }

    private static List<String> rare(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextInt(3) == 0 ? list(pick(random, "FLUSHALL", "FLUSHDB")) : list("DBSIZE");
            case 1 -> list("FLUSHDB", pick(random, "ASYNC", "sync", "x"));
            case 2 -> list("SELECT", pick(random, "0", "x", "-1", "16", "9223372036854775807"));
            case 3 -> list("SUBSTR", key(random), pick(random, NUMBERS), pick(random, NUMBERS));
            case 4 ->
                list(
                        pick(random, "NOSUCH", "no\r\nsuch", "get "),
                        pick(random, "k", "", "\r\n", "x".repeat(random.nextInt(300))),
                        pick(random, "v", "\0y", "z".repeat(random.nextInt(300))));
            case 5 -> list("OBJECT", pick(random, "FREQ", "x", "HELP"), key(random));
            case 6 -> list("SCAN", pick(random, "x", "-", "0x1", "1 "));
            default -> list("DBSIZE");
        };
    }

    private static String offset(Random random) {
        return random.nextBoolean()
                ? Integer.toString(random.nextInt(900))
                : pick(random, "0", "-1", "x", "536870912", "9223372036854775807", "2147483647", "4294967296");
    }

    private static List<String> set(Random random) {
        List<String> request = list("SET", key(random), value(random));
        for (int i = random.nextInt(4); i > 0; i--) {
            String option =
                    pick(random, "NX", "XX", "GET", "KEEPTTL", "EX", "PX", "EXAT", "PXAT", "get", "ex", "PERSIST");
            request.add(option);
            time(random, option, request);
        }
        return request;
    }

    private static List<String> getEx(Random random) {
        List<String> request = list("GETEX", key(random));
        for (int i = random.nextInt(3); i > 0; i--) {
            String option = pick(random, "PERSIST", "persist", "EX", "PX", "EXAT", "PXAT", "NX", "KEEPTTL");
            request.add(option);
            time(random, option, request);
        }
        return request;
    }

    private static void time(Random random, String option, List<String> request) {
        switch (option) {
            case "EX", "PX", "ex" -> request.add(pick(random, RELATIVE));
            case "EXAT", "PXAT" -> request.add(pick(random, ABSOLUTE));
            default -> {}
        }
    }

    private static List<String> expire(Random random) {
        List<String> request = random.nextBoolean()
                ? list(pick(random, "EXPIRE", "PEXPIRE"), key(random), pick(random, RELATIVE))
                : list(pick(random, "EXPIREAT", "PEXPIREAT"), key(random), pick(random, ABSOLUTE));
        for (int i = random.nextInt(3); i > 0; i--) {
            request.add(pick(random, "NX", "XX", "GT", "LT", "nx", "x"));
        }
        return request;
    }

    private static List<String> copy(Random random) {
        List<String> request = list("COPY", key(random), key(random));
        if (random.nextBoolean()) {
            request.addAll(random.nextBoolean() ? List.of("REPLACE") : List.of("DB", pick(random, "0", "x", "99")));
        }
        return request;
    }

    private static List<String> several(Random random, String name, int each) {
        List<String> request = list(name);
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            request.add(key(random));
            if (each == 2) {
                request.add(value(random));
            }
        }
        return request;
    }
}
