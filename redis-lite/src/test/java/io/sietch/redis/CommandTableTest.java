package io.sietch.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Names of commands, as clients write them. */
class CommandTableTest {
    private static final List<String> NAMES = List.of(
            "a",
            "z",
            "get",
            "set",
            "gets",
            "getrange",
            "getrangf",
            "setrange",
            "incrbyfloat",
            "incrbyfloas",
            "client-2",
            "client-3",
            "client-no-evict",
            "0",
            "x-9_y",
            "debug",
            "debuh");

    private final CommandTable table = new CommandTable();
    private final Map<String, CommandSpec> specs = new TreeMap<>();

    CommandTableTest() {
        for (String name : NAMES) {
            CommandSpec spec = CommandSpec.keyless(name, 1, "", "", "", (request, reply, client) -> 0);
            table.register(spec);
            specs.put(name, spec);
        }
    }

    private void check(byte[] name) {
        CommandSpec wanted = specs.get(lower(name));
        String as = Arrays.toString(name);
        assertThat(table.find(Request.of(name))).as(as).isSameAs(wanted);
        assertThat(table.find(Request.of(name, "more behind it".getBytes(US_ASCII))))
                .as(as)
                .isSameAs(wanted);
    }

    private static String lower(byte[] name) {
        return new String(name, US_ASCII).toLowerCase(Locale.ROOT);
    }

    @Property(tries = 300)
    void aNameIsFoundInAnyCaseAndNoOtherInItsPlace(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] name = NAMES.get(random.nextInt(NAMES.size())).getBytes(US_ASCII);
        for (int i = 0; i < name.length; i++) {
            if (random.nextBoolean()) {
                name[i] = (byte) Character.toUpperCase(name[i]);
            }
        }
        check(name);
        for (int i = 0; i < name.length; i++) {
            byte kept = name[i];
            for (int other = 0; other < 256; other++) {
                name[i] = (byte) other;
                check(name);
            }
            name[i] = kept;
        }
        check(Arrays.copyOf(name, name.length + 1));
        check(Arrays.copyOf(name, name.length - 1));
        check(Arrays.copyOf(name, name.length + 100));
    }
}
