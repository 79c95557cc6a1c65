package io.pinion.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
@Timeout(120)
class PostgresServerTest {
    @Test
    void whatWasCommittedIsThereWhenItStartsAgain(PostgresServer server) throws Exception {
        String database = server.createDatabase();
        execute(server, database, "CREATE TABLE seen (n INT)", "INSERT INTO seen VALUES (7)");

        server.stop();
        assertThrows(SQLException.class, () -> server.connect(database).close());
        server.startAgain();

        assertEquals("7", value(server, database, "SELECT n FROM seen"));
        assertEquals("on", value(server, database, "SHOW fsync"));
        assertEquals("0", value(server, database, "SELECT count(*) FROM event_journal"));
    }

    @Test
    void aFrozenOneAnswersWhenItThaws(PostgresServer server) throws Exception {
        server.freeze();
        try {
            SQLException silence = assertThrows(
                    SQLException.class,
                    () -> DriverManager.getConnection(
                            server.url("postgres") + "?socketTimeout=1&connectTimeout=1&loginTimeout=2",
                            PostgresServer.USER,
                            ""));
            assertFalse(String.valueOf(silence.getMessage()).isEmpty());
        } finally {
            server.thaw();
        }
        assertEquals("1", value(server, "postgres", "SELECT 1"));
    }

    /** Another process starts one and is killed; its server has to go by itself. */
    @Test
    void itEndsWithTheProcessThatStartedIt() throws Exception {
        Process owner = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Owner.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Path folder =
                Path.of(String.valueOf(owner.inputReader(StandardCharsets.UTF_8).readLine()));
        assertTrue(Files.exists(folder.resolve("data")));
        List<ProcessHandle> processes = owner.toHandle().descendants().toList();
        assertTrue(processes.size() > 2, () -> processes.toString());

        owner.destroyForcibly().waitFor();

        long begin = System.nanoTime();
        while (processes.stream().anyMatch(ProcessHandle::isAlive) || Files.exists(folder)) {
            assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(60), "the server outlives its owner");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Starts a server and waits to be killed. */
    static final class Owner {
        private Owner() {}

        @SuppressWarnings("SystemOut") // says that the server runs
        public static void main(String[] arguments) throws Exception {
            try (PostgresServer server = PostgresServer.start()) {
                System.out.println(server.folder());
                new java.util.concurrent.CountDownLatch(1).await();
            }
        }
    }

    private static void execute(PostgresServer server, String database, String... statements) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        }
    }

    private static String value(PostgresServer server, String database, String query) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
