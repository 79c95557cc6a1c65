package io.pinion.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server of its own, from the system's packages, in a temporary folder and on a free port; it syncs its
 * log. It runs as another user when this process is root, which PostgreSQL insists on, and ends with this process
 * however that ends. Used by one thread.
 *
 * <p>Running → stopped → running: {@link #stop}, {@link #startAgain}. Running → frozen → running: {@link #freeze},
 * {@link #thaw}. Any → gone with its folder: {@link #close}.
 */
public final class PostgresServer implements AutoCloseable {
    /** What to do where it is not installed. */
    public static final String MISSING =
            "PostgreSQL was not found under /usr/lib/postgresql/*/bin or on the search path;"
                    + " install it with: apt-get install postgresql";

    public static final String USER = "pinion";

    private static final String LOOPBACK = "127.0.0.1";
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int CONNECTIONS_MAX = 200;

    /**
     * Ends the server when told to, or when its own standard input ends, as it does with the process that holds the
     * other end; then the folder goes, too.
     */
    private static final String GUARD =
            "folder=$1; shift; \"$@\" & server=$!; read -r wish; kill -QUIT $server 2>/dev/null; wait $server 2>/dev/null;"
                    + " [ \"$wish\" = keep ] || rm -rf \"$folder\"";

    private final Path binaries;
    private final Path folder;
    private final String host;
    private final int port;
    private int databases;
    private @Nullable Process guard;

    private PostgresServer(Path binaries, Path folder, String host, int port) {
        this.binaries = binaries;
        this.folder = folder;
        this.host = host;
        this.port = port;
    }

    /** Where the programs of the newest installed version are. */
    public static Optional<Path> find() {
        try (Stream<Path> versions = Files.exists(DEBIAN) ? Files.list(DEBIAN) : Stream.empty()) {
            Stream<Path> onPath = Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "")
                            .split(":"))
                    .filter(part -> !part.isEmpty())
                    .map(Path::of);
            return Stream.concat(versions.sorted(newestFirst()).map(version -> version.resolve("bin")), onPath)
                    .filter(bin ->
                            Files.isExecutable(bin.resolve("postgres")) && Files.isExecutable(bin.resolve("initdb")))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Comparator<Path> newestFirst() {
        return Comparator.comparingInt((Path version) -> {
                    String digits = version.getFileName().toString().replaceAll("\\D.*", "");
                    return digits.isEmpty() ? 0 : Integer.parseInt(digits);
                })
                .reversed();
    }

    /**
     * Makes one and returns when it answers.
     *
     * @throws IOException if it is not installed or does not start; the message says why
     */
    public static PostgresServer start() throws IOException {
        return startAt(LOOPBACK);
    }

    /**
     * As {@link #start}, but it listens at another address of this machine, for all of its network of 256 addresses.
     *
     * @param host an IPv4 address
     */
    public static PostgresServer startAt(String host) throws IOException {
        Path binaries = find().orElseThrow(() -> new IOException(MISSING));
        Path folder = Files.createTempDirectory("pinion-postgres");
        OtherUser.ifRoot().ifPresent(user -> user.giveFolder(folder));
        PostgresServer server = new PostgresServer(binaries, folder, host, freePort());
        try {
            server.initialise();
            server.startAgain();
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void initialise() throws IOException {
        Path output = folder.resolve("initdb.txt");
        Process process = new ProcessBuilder(asServerUser(
                        binaries.resolve("initdb").toString(),
                        "--pgdata=" + data(),
                        "--username=" + USER,
                        "--auth=trust",
                        "--encoding=UTF8",
                        "--no-locale",
                        "--no-sync"))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (exitCode(process) != 0) {
            throw new IOException("initdb failed: " + Files.readString(output));
        }
        if (!host.equals(LOOPBACK)) {
            Files.writeString(
                    data().resolve("pg_hba.conf"), "host all all " + host + "/24 trust\n", StandardOpenOption.APPEND);
        }
    }

    Path folder() {
        return folder;
    }

    private Path data() {
        return folder.resolve("data");
    }

    private static List<String> asServerUser(String... command) {
        List<String> whole = new ArrayList<>();
        OtherUser.ifRoot().ifPresent(user -> whole.addAll(user.prefix()));
        whole.addAll(List.of(command));
        return whole;
    }

    /** Starts it where it was stopped; returns when it answers. */
    public void startAgain() throws IOException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", GUARD, "guard", folder.toString()));
        command.addAll(asServerUser(
                binaries.resolve("postgres").toString(),
                "-D",
                data().toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=" + host,
                "-c",
                "unix_socket_directories=" + folder,
                "-c",
                "max_connections=" + CONNECTIONS_MAX,
                "-c",
                "fsync=on"));
        guard = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        awaitAnswer();
    }

    private Path log() {
        return folder.resolve("server.txt");
    }

    private void awaitAnswer() throws IOException {
        long begin = System.nanoTime();
        while (true) {
            try (Connection _ = connect("postgres")) {
                return;
            } catch (SQLException e) {
                if (System.nanoTime() - begin > PATIENCE_NANOS) {
                    throw new IOException("PostgreSQL does not answer: " + Files.readString(log()), e);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database), USER, "");
    }

    public String url(String database) {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }

    /** Makes an empty database. */
    public String createEmptyDatabase() throws SQLException {
        databases++;
        String name = "journal_" + databases;
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        return name;
    }

    /** Makes a database with the tables of the journal, as {@code conf/postgresql.sql} does. */
    public String createDatabase() throws SQLException {
        String name = createEmptyDatabase();
        try (Connection connection = connect(name);
                Statement statement = connection.createStatement()) {
            statement.execute(tables());
        }
        return name;
    }

    /**
     * Writes the configuration of a node whose journal is in a new database of this server: {@code conf/postgresql.conf}
     * with another URL.
     *
     * @return the file
     */
    public Path writeConfig(Path target) throws SQLException, IOException {
        Path example = NodeProcess.checkout().resolve("src/main/dist/conf/postgresql.conf");
        return Files.writeString(
                target.resolve("postgresql-node.conf"),
                "include file(\"" + example + "\")\npinion.postgresql.url = \"" + url(createDatabase()) + "\"\n");
    }

    /** The statements of {@code conf/postgresql.sql}. */
    public static String tables() {
        try (InputStream file = PostgresServer.class.getResourceAsStream("postgresql.sql")) {
            if (file == null) {
                throw new IllegalStateException("postgresql.sql is not on the class path");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it at once, as a loss of power would: what it had promised is there when it starts again. */
    public void stop() throws IOException {
        Process running = guard;
        guard = null;
        if (running != null) {
            try (OutputStream wish = running.getOutputStream()) {
                wish.write("keep\n".getBytes(StandardCharsets.US_ASCII));
            }
            exitCode(running);
        }
    }

    /** All its processes stand still until {@link #thaw}; connections stay. */
    public void freeze() throws IOException {
        signal("-STOP");
    }

    public void thaw() throws IOException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException {
        List<String> command = new ArrayList<>(List.of("/bin/kill", signal));
        // The oldest first, so that a frozen server makes no further process.
        Objects.requireNonNull(guard)
                .toHandle()
                .descendants()
                .sorted(Comparator.comparingLong(ProcessHandle::pid))
                .forEach(process -> command.add(Long.toString(process.pid())));
        Process kill = new ProcessBuilder(command).inheritIO().start();
        exitCode(kill);
    }

    private static int exitCode(Process process) throws IOException {
        try {
            if (!process.waitFor(PATIENCE_NANOS, TimeUnit.NANOSECONDS)) {
                process.destroyForcibly();
                throw new IOException("a process of PostgreSQL did not end: " + process.info());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new IOException("interrupted while a process of PostgreSQL ended", e);
        }
    }

    /** Ends it and removes its folder. */
    @Override
    public void close() throws IOException {
        stop();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
