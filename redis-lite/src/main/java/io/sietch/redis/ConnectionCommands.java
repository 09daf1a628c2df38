package io.sietch.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;

/** The commands about the connection itself. */
final class ConnectionCommands {
    private static final String WRONG_PASSWORD = "WRONGPASS invalid username-password pair or user is disabled.";
    private static final String VERSION = RedisServer.REDIS_VERSION;

    private final ServerConfig config;
    private final Reactor reactor;

    private ConnectionCommands(ServerConfig config, Reactor reactor) {
        this.config = config;
        this.reactor = reactor;
    }

    static void register(CommandTable table, ServerConfig config, Reactor reactor) {
        ConnectionCommands commands = new ConnectionCommands(config, reactor);
        add(table, "ping", -1, "fast", "Returns the server's liveliness response.", commands::ping);
        add(table, "echo", 2, "fast", "Returns the given string.", commands::echo);
        add(
                table,
                "hello",
                -1,
                "noscript loading stale fast no_auth allow_busy",
                "Handshakes with the server.",
                commands::hello);
        add(
                table,
                "auth",
                -2,
                "noscript loading stale fast no_auth allow_busy",
                "Authenticates the connection.",
                commands::auth);
        add(
                table,
                "quit",
                -1,
                "noscript loading stale fast no_auth allow_busy",
                "Closes the connection.",
                commands::quit);
        add(
                table,
                "reset",
                1,
                "noscript loading stale fast no_auth allow_busy",
                "Resets the connection.",
                commands::reset);
        add(table, "client", -2, "admin noscript loading stale", "Client connection commands.", commands::client);
    }

    private static void add(
            CommandTable table, String name, int arity, String flags, String summary, CommandHandler handler) {
        table.register(CommandSpec.keyless(name, arity, flags, "connection", summary, handler));
    }

    private static Session session(ClientContext client) {
        if (client instanceof Session session) {
            return session;
        }
        throw new IllegalStateException("a command about a connection, and no connection");
    }

    private long ping(Request request, ReplySink reply, ClientContext client) {
        switch (request.count()) {
            case 1 -> reply.simpleString("PONG");
            case 2 -> reply.bulk(request.segment(), request.offset(1), request.length(1));
            default -> reply.error("ERR wrong number of arguments for 'ping' command");
        }
        return 0;
    }

    private long echo(Request request, ReplySink reply, ClientContext client) {
        reply.bulk(request.segment(), request.offset(1), request.length(1));
        return 0;
    }

    private long quit(Request request, ReplySink reply, ClientContext client) {
        reply.ok();
        session(client).closeAfterReplies();
        return 0;
    }

    private long reset(Request request, ReplySink reply, ClientContext client) {
        session(client).reset(config.requirePassword().isEmpty());
        reactor.encoder().resp3(false);
        reply.simpleString("RESET");
        return 0;
    }

    // ---- passwords
    // ----------------------------------------------------------------------------------------------------

    private long auth(Request request, ReplySink reply, ClientContext client) {
        if (request.count() > 3) {
            reply.error("ERR syntax error");
        } else if (request.count() == 2 && config.requirePassword().isEmpty()) {
            reply.error(
                    "ERR AUTH <password> called without any password configured for the default user. Are you sure your"
                            + " configuration is correct?");
        } else if (isPassword(request, request.count() == 3 ? 1 : -1, request.count() - 1)) {
            session(client).authenticated(true);
            reply.ok();
        } else {
            reply.error(WRONG_PASSWORD);
        }
        return 0;
    }

    /**
     * Whether user (if {@code userAt} is no less than 0) and password are right; the time tells nothing of the
     * password.
     */
    private boolean isPassword(Request request, int userAt, int passwordAt) {
        boolean user = userAt < 0
                || (request.length(userAt) == 7 && request.toText(userAt).equals("default"));
        String password = config.requirePassword();
        return user
                && (password.isEmpty() || MessageDigest.isEqual(password.getBytes(UTF_8), request.toBytes(passwordAt)));
    }

    private long hello(Request request, ReplySink reply, ClientContext client) {
        Session session = session(client);
        boolean resp3 = session.resp3();
        int next = 1;
        if (request.count() > 1) {
            long version = request.toLong(1);
            if (version == Request.NOT_A_LONG) {
                reply.error("ERR Protocol version is not an integer or out of range");
                return 0;
            }
            if (version != 2 && version != 3) {
                reply.error("NOPROTO unsupported protocol version");
                return 0;
            }
            resp3 = version == 3;
            next = 2;
        }
        boolean known = session.authenticated();
        String name = null;
        while (next < request.count()) {
            if (request.isWord(next, "AUTH") && next + 2 < request.count()) {
                if (!isPassword(request, next + 1, next + 2)) {
                    reply.error(WRONG_PASSWORD);
                    return 0;
                }
                known = true;
                next += 3;
            } else if (request.isWord(next, "SETNAME") && next + 1 < request.count()) {
                name = request.toText(next + 1);
                if (!isName(name)) {
                    reply.error(NAME_REFUSED);
                    return 0;
                }
                next += 2;
            } else {
                reply.error("ERR Syntax error in HELLO option '" + request.toText(next) + "'");
                return 0;
            }
        }
        if (!known) {
            reply.error("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto>"
                    + " AUTH <user> <pass> option can be used to authenticate the client and select the RESP"
                    + " protocol version at the same time");
            return 0;
        }
        session.authenticated(true);
        if (name != null) {
            session.name(name);
        }
        session.resp3(resp3);
        reactor.encoder().resp3(resp3);
        greet(reply, session);
        return 0;
    }

    private static void greet(ReplySink reply, Session session) {
        reply.mapHeader(7);
        reply.bulk("server");
        reply.bulk("redis");
        reply.bulk("version");
        reply.bulk(VERSION);
        reply.bulk("proto");
        reply.integer(session.resp3() ? 3 : 2);
        reply.bulk("id");
        reply.integer(session.id());
        reply.bulk("mode");
        reply.bulk("standalone");
        reply.bulk("role");
        reply.bulk("master");
        reply.bulk("modules");
        reply.arrayHeader(0);
    }

    // ---- CLIENT
    // -------------------------------------------------------------------------------------------------------

    private static final String NAME_REFUSED =
            "ERR Client names cannot contain spaces, newlines or special characters.";

    private static final String[] HELP = {
        "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "GETNAME",
        "    Return the name of the current connection.",
        "ID",
        "    Return the ID of the current connection.",
        "INFO",
        "    Return information about the current client connection.",
        "LIST [ID <client-id> [<client-id> ...]]",
        "    Return information about client connections.",
        "NO-EVICT (ON|OFF)",
        "    Accepted; nothing is evicted here.",
        "SETINFO (LIB-NAME|LIB-VER) <value>",
        "    Set client meta attributes.",
        "SETNAME <name>",
        "    Assign the name <name> to the current connection.",
        "HELP",
        "    Print this help."
    };

    private long client(Request request, ReplySink reply, ClientContext client) {
        Session session = session(client);
        int count = request.count();
        if (request.isWord(1, "ID") && count == 2) {
            reply.integer(session.id());
        } else if (request.isWord(1, "GETNAME") && count == 2) {
            if (session.name().isEmpty()) {
                reply.nullBulk();
            } else {
                reply.bulk(session.name());
            }
        } else if (request.isWord(1, "SETNAME") && count == 3) {
            setName(request, reply, session);
        } else if (request.isWord(1, "SETINFO") && count == 4) {
            setInfo(request, reply, session);
        } else if (request.isWord(1, "INFO") && count == 2) {
            reply.bulk(session.describe(reactor.now()) + "\n");
        } else if (request.isWord(1, "LIST")) {
            list(request, reply);
        } else if ((request.isWord(1, "NO-EVICT") || request.isWord(1, "NO-TOUCH")) && count == 3) {
            onOrOff(request, reply);
        } else if (request.isWord(1, "HELP") && count == 2) {
            ServerCommands.lines(reply, HELP);
        } else {
            reply.error(ServerCommands.unknownSubcommand(
                    request, "client", "getname help id info list no-evict no-touch setinfo setname"));
        }
        return 0;
    }

    private static void onOrOff(Request request, ReplySink reply) {
        if (request.isWord(2, "ON") || request.isWord(2, "OFF")) {
            reply.ok();
        } else {
            reply.error("ERR syntax error");
        }
    }

    private static boolean isName(String text) {
        return text.chars().allMatch(c -> c >= '!' && c <= '~');
    }

    private static void setName(Request request, ReplySink reply, Session session) {
        String name = request.toText(2);
        if (isName(name)) {
            session.name(name);
            reply.ok();
        } else {
            reply.error(NAME_REFUSED);
        }
    }

    private static void setInfo(Request request, ReplySink reply, Session session) {
        String field = request.isWord(2, "LIB-NAME") ? "lib-name" : request.isWord(2, "LIB-VER") ? "lib-ver" : "";
        String value = request.toText(3);
        if (field.isEmpty()) {
            reply.error("ERR Unrecognized option '" + request.toText(2) + "'");
        } else if (!isName(value)) {
            reply.error("ERR " + field + " cannot contain spaces, newlines or special characters.");
        } else {
            session.library(field, value);
            reply.ok();
        }
    }

    private void list(Request request, ReplySink reply) {
        boolean byId = request.count() > 3 && request.isWord(2, "ID");
        boolean byType = request.count() == 4 && request.isWord(2, "TYPE");
        if (request.count() > 2 && !byId && !byType) {
            reply.error("ERR syntax error");
            return;
        }
        StringBuilder lines = new StringBuilder();
        for (Session other : reactor.sessions()) {
            if ((!byId && (!byType || request.isWord(3, "NORMAL"))) || (byId && isAsked(request, other.id()))) {
                lines.append(other.describe(reactor.now())).append('\n');
            }
        }
        reply.bulk(lines.toString());
    }

    private static boolean isAsked(Request request, long id) {
        for (int i = 3; i < request.count(); i++) {
            if (request.toLong(i) == id) {
                return true;
            }
        }
        return false;
    }
}
