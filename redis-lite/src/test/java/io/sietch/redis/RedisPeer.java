package io.sietch.redis;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A Redis server of its own, installed on this machine, to compare replies with. */
final class RedisPeer implements AutoCloseable {
    private final Process process;
    private final Path directory;
    private final Socket socket;
    private final DataInputStream in;

    private RedisPeer(Process process, Path directory, int port) throws IOException {
        this.process = process;
        this.directory = directory;
        this.socket = connect(process, port);
        this.socket.setTcpNoDelay(true);
        this.in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
    }

    /** The path of an installed server, or null. */
    static @Nullable String installed() {
        for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
            File file = new File(folder, "redis-server");
            if (file.canExecute()) {
                return file.getPath();
            }
        }
        return null;
    }

    static RedisPeer start(String program) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path directory = Files.createTempDirectory("redis-peer");
        Process process = new ProcessBuilder(
                        program,
                        "--port",
                        Integer.toString(port),
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        "",
                        "--dir",
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new RedisPeer(process, directory, port);
    }

    private static Socket connect(Process process, int port) throws IOException {
        while (true) {
            try {
                return new Socket(InetAddress.getLoopbackAddress(), port);
            } catch (IOException e) {
                try {
                    if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
                        throw new IOException("redis-server ended with " + process.exitValue(), e);
                    }
                } catch (InterruptedException interrupted) {
                    throw new IOException(interrupted);
                }
            }
        }
    }

    /** Sends all requests at once and returns their replies; each character is one byte. */
    List<String> run(List<List<String>> requests) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (List<String> request : requests) {
            out.writeBytes(("*" + request.size() + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            for (String argument : request) {
                out.writeBytes(
                        ("$" + argument.length() + "\r\n" + argument + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        socket.getOutputStream().write(out.toByteArray());
        List<String> replies = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            StringBuilder reply = new StringBuilder();
            read(reply);
            replies.add(reply.toString());
        }
        return replies;
    }

    private void read(StringBuilder reply) throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.length() < 2 || line.charAt(line.length() - 1) != '\n') {
            line.append((char) in.readUnsignedByte());
        }
        reply.append(line);
        char kind = line.charAt(0);
        if (kind == '$' || kind == '*') {
            int count = Integer.parseInt(line.substring(1, line.length() - 2));
            if (kind == '$' && count >= 0) {
                byte[] bytes = new byte[count + 2];
                in.readFully(bytes);
                reply.append(new String(bytes, StandardCharsets.ISO_8859_1));
            }
            for (int i = 0; kind == '*' && i < count; i++) {
                read(reply);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        Files.deleteIfExists(directory);
    }
}
