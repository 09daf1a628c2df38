package io.sietch.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Plays all scripts. */
class ScriptsTest {
    static Stream<Named<ScriptLibrary>> scripts() {
        return ScriptLibrary.all().stream().map(script -> Named.of(script.name(), script));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scripts")
    void itGoesAsTheScriptSays(ScriptLibrary script) {
        script.play();
    }

    @Test
    void eachHasANameOfItsOwnAndExpectsSomething() {
        List<ScriptLibrary> all = ScriptLibrary.all();
        assertThat(all.stream().map(ScriptLibrary::name)).doesNotHaveDuplicates();
        assertThat(all)
                .allMatch(script -> script.lines().stream().anyMatch(line -> line.matches("(\\+\\d+ )?> .*"))
                        || script.lines().stream().anyMatch(line -> line.startsWith("!") || line.equals("quiet")));
    }
}
