package io.sietch.persistent.tool;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.persistent.Codec;
import io.sietch.persistent.PersistentLog;
import io.sietch.persistent.PersistentQueue;
import io.sietch.persistent.PersistentTable;
import io.sietch.persistent.Sietch;
import io.sietch.persistent.SietchOptions;
import io.sietch.vsic.MappedFileOptions;
import io.sietch.vsic.WritePath;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SietchToolTest {
    private static final SietchOptions SMALL = SietchOptions.DEFAULTS
            .withDeviceBytes(4 << 20, 64 << 20)
            .withLogBytes(1 << 20, 1 << 20)
            .withMedia(MappedFileOptions.DEFAULTS.withWritePath(WritePath.CHANNEL));

    @TempDir
    Path data;

    private Path file;

    /** What a command said, and its exit code. */
    private record Said(int code, String out, String err) {}

    private static Said run(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = SietchTool.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int code = line.execute(Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
        return new Said(code, out.toString(), err.toString());
    }

    private static String good(Object... arguments) {
        Said said = run(arguments);
        assertThat(said.err).isEmpty();
        assertThat(said.code).isZero();
        return said.out;
    }

    private static String bad(int code, Object... arguments) {
        Said said = run(arguments);
        assertThat(said.code).as(said.out + said.err).isEqualTo(code);
        return said.err;
    }

    @Test
    void eachCommandHasHelp() {
        assertThat(good("--help")).contains("Usage: sietch", "verify", "export");
        assertThat(good("--version")).startsWith("sietch ");
        assertThat(good("dump", "--help")).contains("Usage: sietch dump", "--limit");
        assertThat(bad(2, "dmp")).contains("dmp", "dump");
    }

    @BeforeEach
    void fill() throws IOException {
        file = data.resolve("sietch.vsa");
        try (Sietch sietch = Sietch.open(data, SMALL)) {
            PersistentLog log = sietch.log("orders");
            for (int i = 0; i < 20; i++) {
                log.append(("order number " + i).getBytes(StandardCharsets.UTF_8));
            }
            log.sync().join();
            PersistentQueue<String> queue = sietch.queue("work", Codec.utf8());
            queue.offer("first");
            queue.offer("second");
            queue.poll();
        }
    }

    private byte[] bytes() throws IOException {
        return Files.readAllBytes(file);
    }

    /**
     * Overwrites a byte wherever a text lies on the device: of what was cleaned, a copy that nobody needs does, too.
     */
    private void damage(String text) throws IOException {
        String all = new String(bytes(), StandardCharsets.ISO_8859_1);
        assertThat(all).contains(text);
        for (int at = all.indexOf(text); at >= 0; at = all.indexOf(text, at + 1)) {
            overwrite(at, 1);
        }
    }

    private void overwrite(long at, int length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            byte[] wrong = new byte[length];
            Arrays.fill(wrong, (byte) '#');
            channel.write(ByteBuffer.wrap(wrong), at);
        }
    }

    @Test
    void lookingTellsWhatIsThereAndChangesNothing() throws IOException {
        byte[] before = bytes();
        assertThat(good("ls", data)).contains("orders", "work", "1,048,576", "bytes free");
        assertThat(good("ls", file, "--json")).contains("\"name\":\"orders\"", "\"size\":1048576", "\"segment\":65536");
        assertThat(good("stat", data, "orders")).contains("kind           log", "records        20");
        assertThat(good("stat", data, "work", "--json")).contains("\"kind\":\"queue\"", "\"sound\":true");
        assertThat(good("verify", data)).contains("orders", "work").doesNotContain("damage");
        assertThat(good("dump", data, "orders", "--limit", 2).lines())
                .hasSize(2)
                .last()
                .asString()
                .endsWith("14 order number 1");
        assertThat(good("dump", data, "orders", "--json", "--limit", 1))
                .matches("\\{\"position\":\\d+,\"data\":\"b3JkZXIgbnVtYmVyIDA=\"}\\R");
        assertThat(bytes()).isEqualTo(before);
    }

    @Test
    void damageIsToldAndNotMended() throws IOException {
        damage("order number 7");
        byte[] before = bytes();
        Said said = run("verify", data);
        assertThat(said.code).isEqualTo(1);
        assertThat(said.out).contains("damage").contains("sound          true").contains("sound          false");
        assertThat(run("verify", data, "work").code).isZero();
        assertThat(run("stat", data, "orders", "--json").out).contains("\"sound\":false", "\"damage\":");
        Path exported = data.resolve("orders.json");
        assertThat(bad(1, "export", data, "orders", exported)).contains("7 records were exported");
        assertThat(Files.readAllLines(exported)).hasSize(7);
        assertThat(bytes()).isEqualTo(before);
    }

    @Test
    void aTableIsVerifiedKeyByKeyAndDamageIsNamedByPosition() throws IOException {
        try (Sietch sietch = Sietch.open(data, SMALL)) {
            PersistentTable<String, String> table = sietch.table("stock", Codec.utf8(), Codec.utf8());
            for (int i = 0; i < 30; i++) {
                table.put("item " + i % 10, "there are " + i);
            }
        }
        assertThat(good("stat", data, "stock")).contains("kind           table").doesNotContain("keys");
        assertThat(good("stat", data, "stock")).contains("aliveBytes ", "spaceAmplification ");
        assertThat(good("stat", data, "stock", "--json")).contains("\"aliveBytes\":", "\"spaceAmplification\":");
        assertThat(good("verify", data, "stock")).contains("sound          true", "keys           10");
        damage("there are 21");
        Said said = run("verify", data, "stock", "--json");
        assertThat(said.code).isEqualTo(1);
        assertThat(said.out)
                .containsPattern("\"damages\":\\[\\{\"position\":\\d{5,6},\"detail\":\"the log is damaged at");
    }

    @Test
    void aQueueIsVerifiedItemByItem() throws IOException {
        assertThat(good("stat", data, "work")).contains("kind           queue").doesNotContain("items");
        assertThat(good("verify", data, "work")).contains("sound          true", "items          1");
        Path exported = data.resolve("work.json");
        good("export", data, "work", exported);
        List<String> lines = Files.readAllLines(exported);
        Files.write(exported, List.of(lines.get(1), lines.get(0)));
        good("create", data, "mixed", "1m");
        good("import", data, "mixed", exported);
        byte[] before = bytes();
        Said said = run("verify", data, "mixed", "--json");
        assertThat(said.code).isEqualTo(1);
        assertThat(said.out).contains("\"kind\":\"queue\"").containsPattern("item 1 comes after item 2");
        assertThat(bytes()).isEqualTo(before);
    }

    @Test
    void aDamagedCopyOfTheCatalogueIsReadAroundAndNotMended() throws IOException {
        String all = new String(bytes(), StandardCharsets.ISO_8859_1);
        overwrite(all.indexOf("orders"), 3);
        byte[] before = bytes();
        assertThat(good("ls", data)).contains("orders");
        assertThat(bytes()).isEqualTo(before);
    }

    @Test
    void whatIsNoDeviceIsRefused() throws IOException {
        assertThat(bad(1, "ls", data.resolve("nothing.vsa"))).contains("there is no device");
        Path text = Files.writeString(data.resolve("notes.txt"), "not a device");
        assertThat(bad(1, "ls", text)).contains("notes.txt");
        Files.write(data.resolve("zeros.vsa"), new byte[1 << 20]);
        assertThat(bad(1, "verify", data.resolve("zeros.vsa"))).contains("zeros.vsa");
        overwrite(0, 1 << 20);
        assertThat(bad(1, "ls", data)).contains("sietch.vsa");
    }

    @Test
    void mistakesOnTheCommandLineAreToldAsSuch() {
        assertThat(bad(2, "create", data, "x", "12q")).contains("\"12q\" is no size");
        assertThat(bad(2, "rm", data, "orders")).contains("--yes");
        assertThat(bad(2, "ls")).contains("DEVICE");
        assertThat(bad(1, "stat", data, "nobody"))
                .contains("no area \"nobody\"")
                .contains("orders");
    }

    @Test
    void aDeviceInUseIsRefused() throws IOException {
        try (Sietch sietch = Sietch.open(data, SMALL)) {
            assertThat(sietch.areas()).hasSize(2);
            assertThat(bad(1, "ls", data)).contains("in use");
        }
    }

    @Test
    void areasAreCreatedResizedAndRemoved() {
        assertThat(good("create", data, "new", "300k")).contains("new: 327,680 bytes in segments of 65,536");
        assertThat(bad(1, "create", data, "new", "300k")).contains("new");
        assertThat(good("stat", data, "new")).contains("kind           empty");
        assertThat(good("resize", data, "new", "80m")).contains("83,886,080");
        assertThat(bad(1, "resize", data, "new", "1m")).contains("cannot be cut");
        good("rm", data, "new", "--yes");
        assertThat(good("ls", data)).doesNotContain("new");
        Path fresh = data.resolve("fresh.vsa");
        assertThat(good("create", fresh, "a", "1m", "--segment", "128k")).contains("131,072");
        assertThat(good("ls", fresh)).contains("a ");
    }

    @Test
    void whatIsExportedCanBeImported() throws IOException {
        Path exported = data.resolve("work.json");
        assertThat(good("export", data, "work", exported)).contains("records");
        assertThat(bad(1, "export", data, "work", exported)).contains("work.json");
        good("create", data, "copy", "1m");
        good("import", data, "copy", exported);
        assertThat(bad(1, "import", data, "copy", exported)).contains("import into a new one");
        try (Sietch sietch = Sietch.open(data, SMALL)) {
            PersistentQueue<String> copy = sietch.queue("copy", Codec.utf8());
            assertThat(copy.poll(10)).containsExactly("second");
        }
        good("create", data, "other", "1m");
        Path wrong = Files.writeString(data.resolve("wrong.json"), "{}\n");
        assertThat(bad(1, "import", data, "other", wrong)).contains("line 1");
    }
}
