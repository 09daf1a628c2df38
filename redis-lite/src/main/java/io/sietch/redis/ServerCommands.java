package io.sietch.redis;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The commands about the server: CONFIG, INFO, COMMAND, DEBUG, SHUTDOWN and their like. */
final class ServerCommands {
    private static final double MAX_SLEEP_SECONDS = 1e9;

    private final ServerConfig config;
    private final Reactor reactor;
    private final ServerInfo info;
    private final CommandTable table;
    private final Runnable shutdown;

    private ServerCommands(
            CommandTable table, ServerConfig config, Reactor reactor, ServerInfo info, Runnable shutdown) {
        this.table = table;
        this.config = config;
        this.reactor = reactor;
        this.info = info;
        this.shutdown = shutdown;
    }

    static void register(CommandTable table, ServerConfig config, Reactor reactor, ServerInfo info, Runnable shutdown) {
        ServerCommands commands = new ServerCommands(table, config, reactor, info, shutdown);
        add(table, "config", -2, "admin noscript loading stale", "Server configuration commands.", commands::config);
        add(table, "info", -1, "loading stale", "Returns information and statistics about the server.", commands::info);
        add(table, "command", -1, "loading stale", "Returns information about commands.", commands::command);
        add(table, "debug", -2, "admin noscript loading stale", "Debugging commands.", commands::debug);
        add(
                table,
                "shutdown",
                -1,
                "admin noscript loading stale no_multi allow_busy",
                "Makes everything durable and shuts down the server.",
                commands::shutdown);
        add(table, "time", 1, "loading stale fast", "Returns the server time.", commands::time);
        add(table, "wait", 3, "noscript", "Waits for replicas, of which there are none.", commands::waitForReplicas);
        add(table, "role", 1, "noscript loading stale fast", "Returns the replication role.", commands::role);
        add(table, "lastsave", 1, "loading stale fast", "Returns the time of the last save.", commands::lastSave);
    }

    private static void add(
            CommandTable table, String name, int arity, String flags, String summary, CommandHandler handler) {
        table.register(CommandSpec.keyless(name, arity, flags, "server", summary, handler));
    }

    static void lines(ReplySink reply, String... lines) {
        reply.arrayHeader(lines.length);
        for (String line : lines) {
            reply.simpleString(line);
        }
    }

    /** Redis's answer to a subcommand that it does not know, or that has the wrong number of arguments. */
    static String unknownSubcommand(Request request, String container, String known) {
        String given = request.length(1) <= 128 ? request.toText(1) : "";
        String lower = given.toLowerCase(Locale.ROOT);
        if ((" " + known + " ").contains(" " + lower + " ")) {
            return "ERR wrong number of arguments for '" + container + "|" + lower + "' command";
        }
        return "ERR unknown subcommand '" + given + "'. Try " + container.toUpperCase(Locale.ROOT) + " HELP.";
    }

    // ---- CONFIG
    // -------------------------------------------------------------------------------------------------------

    private long config(Request request, ReplySink reply, ClientContext client) {
        int count = request.count();
        if (request.isWord(1, "GET") && count >= 3) {
            List<byte[]> patterns = new ArrayList<>();
            for (int i = 2; i < count; i++) {
                patterns.add(request.toBytes(i));
            }
            Map<String, String> found = config.matching(patterns);
            reply.mapHeader(found.size());
            found.forEach((name, value) -> {
                reply.bulk(name);
                reply.bulk(value);
            });
        } else if (request.isWord(1, "SET") && count >= 4 && count % 2 == 0) {
            configSet(request, reply);
        } else if (request.isWord(1, "RESETSTAT") && count == 2) {
            reactor.stats().reset();
            reply.ok();
        } else if (request.isWord(1, "REWRITE") && count == 2) {
            reply.error("ERR The server is running without a config file");
        } else if (request.isWord(1, "HELP") && count == 2) {
            lines(
                    reply,
                    "CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
                    "GET <pattern>",
                    "    Return parameters matching the glob-like <pattern> and their values.",
                    "SET <directive> <value>",
                    "    Set the configuration <directive> to <value>.",
                    "RESETSTAT",
                    "    Reset statistics reported by the INFO command.",
                    "HELP",
                    "    Print this help.");
        } else {
            reply.error(unknownSubcommand(request, "config", "get set resetstat rewrite help"));
        }
        return 0;
    }

    private void configSet(Request request, ReplySink reply) {
        for (int i = 2; i < request.count(); i += 2) {
            String refused = config.setAtRunTime(request.toText(i), request.toText(i + 1));
            if (refused != null) {
                reply.error(refused);
                return;
            }
        }
        reply.ok();
    }

    // ---- INFO and the like
    // --------------------------------------------------------------------------------------------

    private long info(Request request, ReplySink reply, ClientContext client) {
        List<String> sections = new ArrayList<>();
        for (int i = 1; i < request.count(); i++) {
            sections.add(request.toText(i).toLowerCase(Locale.ROOT));
        }
        reply.bulk(info.text(sections));
        return 0;
    }

    private long time(Request request, ReplySink reply, ClientContext client) {
        long micros = info.epochMicros();
        reply.arrayHeader(2);
        reply.bulk(micros / 1_000_000);
        reply.bulk(micros % 1_000_000);
        return 0;
    }

    private long lastSave(Request request, ReplySink reply, ClientContext client) {
        reply.integer(info.epochMicros() / 1_000_000);
        return 0;
    }

    private long role(Request request, ReplySink reply, ClientContext client) {
        reply.arrayHeader(3);
        reply.bulk("master");
        reply.integer(0);
        reply.arrayHeader(0);
        return 0;
    }

    private long waitForReplicas(Request request, ReplySink reply, ClientContext client) {
        if (request.toLong(1) == Request.NOT_A_LONG || request.toLong(2) == Request.NOT_A_LONG) {
            reply.error("ERR value is not an integer or out of range");
        } else {
            reply.integer(0);
        }
        return 0;
    }

    // ---- COMMAND
    // ------------------------------------------------------------------------------------------------------

    private long command(Request request, ReplySink reply, ClientContext client) {
        int count = request.count();
        if (count == 1) {
            reply.arrayHeader(table.all().size());
            table.all().forEach(spec -> describe(reply, spec));
        } else if (request.isWord(1, "COUNT") && count == 2) {
            reply.integer(table.all().size());
        } else if (request.isWord(1, "LIST") && count == 2) {
            reply.arrayHeader(table.all().size());
            table.all().forEach(spec -> reply.bulk(spec.name()));
        } else if (request.isWord(1, "INFO")) {
            commandInfo(request, reply);
        } else if (request.isWord(1, "DOCS")) {
            commandDocs(request, reply);
        } else if (request.isWord(1, "GETKEYS") && count >= 3) {
            getKeys(request, reply);
        } else {
            reply.error(unknownSubcommand(request, "command", "count docs getkeys info list"));
        }
        return 0;
    }

    private void commandInfo(Request request, ReplySink reply) {
        if (request.count() == 2) {
            reply.arrayHeader(table.all().size());
            table.all().forEach(spec -> describe(reply, spec));
            return;
        }
        reply.arrayHeader(request.count() - 2);
        for (int i = 2; i < request.count(); i++) {
            CommandSpec spec = find(request, i);
            if (spec == null) {
                reply.nullArray();
            } else {
                describe(reply, spec);
            }
        }
    }

    private @Nullable CommandSpec find(Request request, int i) {
        return request.length(i) <= 64 ? table.find(request.toText(i)) : null;
    }

    /** Name, arity, flags, keys, categories, tips, key specifications, subcommands: as Redis 7 has it. */
    private static void describe(ReplySink reply, CommandSpec spec) {
        reply.arrayHeader(10);
        reply.bulk(spec.name());
        reply.integer(spec.arity());
        String[] flags = spec.flags().isEmpty() ? new String[0] : spec.flags().split(" ");
        lines(reply, flags);
        reply.integer(spec.firstKey());
        reply.integer(spec.lastKey());
        reply.integer(spec.keyStep());
        lines(reply, "@" + spec.group(), spec.is("fast") ? "@fast" : "@slow");
        reply.arrayHeader(0);
        reply.arrayHeader(0);
        reply.arrayHeader(0);
    }

    private void commandDocs(Request request, ReplySink reply) {
        List<CommandSpec> found = new ArrayList<>();
        if (request.count() == 2) {
            found.addAll(table.all());
        }
        for (int i = 2; i < request.count(); i++) {
            CommandSpec spec = find(request, i);
            if (spec != null) {
                found.add(spec);
            }
        }
        reply.mapHeader(found.size());
        for (CommandSpec spec : found) {
            reply.bulk(spec.name());
            reply.mapHeader(4);
            reply.bulk("summary");
            reply.bulk(spec.summary());
            reply.bulk("since");
            reply.bulk("1.0.0");
            reply.bulk("group");
            reply.bulk(spec.group());
            reply.bulk("complexity");
            reply.bulk("unknown");
        }
    }

    private void getKeys(Request request, ReplySink reply) {
        CommandSpec spec = find(request, 2);
        if (spec == null) {
            reply.error("ERR Invalid command specified");
        } else if (spec.firstKey() == 0) {
            reply.error("ERR The command has no key arguments");
        } else if (!spec.accepts(request.count() - 2)) {
            reply.error("ERR Invalid number of arguments specified for command");
        } else {
            int last = spec.lastKey() < 0 ? request.count() - 2 + spec.lastKey() : spec.lastKey();
            reply.arrayHeader((last - spec.firstKey()) / spec.keyStep() + 1);
            for (int i = spec.firstKey(); i <= last; i += spec.keyStep()) {
                reply.bulk(request.segment(), request.offset(i + 2), request.length(i + 2));
            }
        }
    }

    // ---- DEBUG, SHUTDOWN
    // ----------------------------------------------------------------------------------------------

    private long debug(Request request, ReplySink reply, ClientContext client) {
        if (request.isWord(1, "SLEEP") && request.count() == 3) {
            return sleep(request, reply, client);
        }
        if (request.isWord(1, "HELP")) {
            lines(
                    reply,
                    "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
                    "SLEEP <seconds>",
                    "    Answer this client after <seconds>. Decimals allowed. Others are served meanwhile.",
                    "HELP",
                    "    Print this help.");
        } else {
            reply.error(unknownSubcommand(request, "debug", "sleep"));
        }
        return 0;
    }

    /** The client sleeps, not the server: its requests stall, and this one is presented again when the time is over. */
    private long sleep(Request request, ReplySink reply, ClientContext client) {
        if (!(client instanceof Session session)) {
            reply.error("ERR no client to sleep");
            return 0;
        }
        if (session.sleepUntil() == 0) {
            double seconds = seconds(request.toText(2));
            if (!(seconds >= 0 && seconds <= MAX_SLEEP_SECONDS)) {
                reply.error("ERR value is not a valid float");
                return 0;
            }
            if (seconds > 0) {
                session.sleepUntil(Math.max(1, reactor.now() + (long) (seconds * 1e9)));
                session.stall(Session.Stall.SLEEP);
                return CommandHandler.RETRY;
            }
        }
        session.sleepUntil(0);
        reply.ok();
        return 0;
    }

    private static double seconds(String text) {
        try {
            return text.length() > 32 ? -1 : new BigDecimal(text).doubleValue();
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** There is no reply: the connection ends when the server does. */
    private long shutdown(Request request, ReplySink reply, ClientContext client) {
        for (int i = 1; i < request.count(); i++) {
            if (!request.isWord(i, "NOSAVE")
                    && !request.isWord(i, "SAVE")
                    && !request.isWord(i, "NOW")
                    && !request.isWord(i, "FORCE")) {
                reply.error("ERR syntax error");
                return 0;
            }
        }
        shutdown.run();
        return 0;
    }
}
