package io.sietch.redis;

import io.sietch.vnic.VnicSocketFactory;
import java.io.IOException;
import java.nio.file.Path;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** A program that uses unmodified Jedis: sets a key and gets it, so often, one request at a time. */
final class JedisProgram {
    private JedisProgram() {}

    /** The arguments are a port of the kernel's or the socket of a server, and how many requests. */
    public static void main(String[] arguments) throws IOException {
        int requests = Integer.parseInt(arguments[1]);
        if (arguments[0].matches("\\d+")) {
            try (Jedis jedis = new Jedis("127.0.0.1", Integer.parseInt(arguments[0]))) {
                ask(jedis, requests);
            }
        } else {
            try (VnicSocketFactory sockets = VnicSocketFactory.open(Path.of(arguments[0]));
                    Jedis jedis = over(sockets)) {
                ask(jedis, requests);
            }
        }
    }

    static Jedis over(VnicSocketFactory sockets) {
        return new Jedis(() -> {
            try {
                return sockets.createSocket(ServerProcess.SHARED_MEMORY_PORT);
            } catch (IOException e) {
                throw new JedisConnectionException(e);
            }
        });
    }

    private static void ask(Jedis jedis, int requests) {
        for (int i = 0; i < requests; i += 2) {
            jedis.set("key", "value" + i);
            if (!jedis.get("key").equals("value" + i)) {
                throw new IllegalStateException("another value came back");
            }
        }
        System.out.println(requests + " requests answered");
    }
}
