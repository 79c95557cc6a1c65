package io.pinion.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NetworkNamespacesTest {
    @BeforeEach
    void requireThem() {
        Optional<String> obstacle = NetworkNamespaces.obstacle();
        assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
    }

    @Test
    void aLinkIsCutInOneDirectionAndWholeAgain() throws Exception {
        try (NetworkNamespaces network = NetworkNamespaces.create(2);
                Printer first = Printer.start(network, 0);
                Printer second = Printer.start(network, 1)) {
            send(network, 0, 1, "before");
            assertEquals("before", second.next());

            network.cut(0, 1);
            network.cut(0, 1);
            send(network, 0, 1, "lost");
            send(network, 1, 0, "the other way");
            assertEquals("the other way", first.next());

            network.heal();
            send(network, 0, 1, "after");
            assertEquals("after", second.next());
        }
    }

    @Test
    void whatIsStartedInOneReachesServersOfThisProcessUntilItIsCutFromThem() throws Exception {
        try (NetworkNamespaces network = NetworkNamespaces.create(1);
                PostgresServer server = PostgresServer.startAt(network.bridgeAddress())) {
            String url = server.url("postgres") + "?user=" + PostgresServer.USER + "&connectTimeout=2&loginTimeout=3";

            assertEquals("1", query(network, url));
            network.cutFromBridge(0);
            assertThrows(IOException.class, () -> query(network, url));
        }
    }

    private static String query(NetworkNamespaces network, String url) throws IOException {
        List<String> command = new ArrayList<>(network.prefix(0));
        command.addAll(java(OneQuery.class));
        command.add(url);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.onExit().orTimeout(30, TimeUnit.SECONDS).join().exitValue() != 0) {
            throw new IOException("the query failed");
        }
        return said;
    }

    private static List<String> java(Class<?> main) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName());
    }

    private static void send(NetworkNamespaces network, int from, int to, String text) throws IOException {
        List<String> command = new ArrayList<>(network.prefix(from));
        command.addAll(List.of(
                "bash", "-c", "echo -n '" + text + "' > /dev/udp/" + network.address(to) + "/" + DatagramPrinter.PORT));
        assertEquals(
                0,
                new ProcessBuilder(command)
                        .inheritIO()
                        .start()
                        .onExit()
                        .orTimeout(30, TimeUnit.SECONDS)
                        .join()
                        .exitValue());
    }

    private record Printer(Process process, BufferedReader lines) implements AutoCloseable {
        static Printer start(NetworkNamespaces network, int index) throws IOException {
            List<String> command = new ArrayList<>(network.prefix(index));
            command.addAll(java(DatagramPrinter.class));
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Printer printer = new Printer(process, process.inputReader(StandardCharsets.UTF_8));
            assertEquals(DatagramPrinter.READY, printer.next());
            return printer;
        }

        String next() throws IOException {
            return lines.readLine();
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().orTimeout(30, TimeUnit.SECONDS).join();
        }
    }
}
