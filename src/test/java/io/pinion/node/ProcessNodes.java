package io.pinion.node;

import io.pinion.testing.LedgerClient;
import io.pinion.testing.NodeProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * Nodes of one cluster in processes of their own, which share a journal, give each other up sooner than by default, and trust
 * each other's tokens. Started and ended by one thread, read by any.
 */
final class ProcessNodes implements AutoCloseable {
    private final Path directory;
    private final String journalUrl;
    private final List<Place> places;
    private final List<NodeProcess> nodes = new CopyOnWriteArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private String token = "";

    /**
     * Where a node is.
     *
     * @param prefix of its command
     * @param host for HTTP and for other nodes
     * @param port for other nodes
     */
    record Place(List<String> prefix, String host, int port) {
        static Place onLoopback() throws IOException {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return new Place(List.of(), "127.0.0.1", socket.getLocalPort());
            }
        }

        String address() {
            return host + ":" + port;
        }
    }

    private ProcessNodes(Path directory, String journalUrl, List<Place> places) {
        this.directory = directory;
        this.journalUrl = journalUrl;
        this.places = List.copyOf(places);
    }

    /** Returns when all serve. */
    static ProcessNodes start(Path directory, String journalUrl, List<Place> places) throws IOException {
        ProcessNodes started = new ProcessNodes(directory, journalUrl, places);
        try {
            started.start();
            return started;
        } catch (IOException | RuntimeException e) {
            started.close();
            throw e;
        }
    }

    private void start() throws IOException {
        nodes.add(launch(0));
        token = LedgerClient.newToken(nodes.getFirst().awaitReady());
        for (int i = 1; i < places.size(); i++) {
            shareKeys(i);
            nodes.add(launch(i));
        }
        for (NodeProcess node : nodes.subList(1, nodes.size())) {
            node.awaitReady();
        }
    }

    private NodeProcess launch(int node) throws IOException {
        Files.createDirectories(data(node));
        return NodeProcess.launch(
                places.get(node).prefix(),
                data(node),
                List.of(
                        "--host",
                        places.get(node).host(),
                        "--cluster",
                        places.get(node).address(),
                        "--seed",
                        places.stream().map(Place::address).collect(Collectors.joining(",")),
                        "--journal",
                        "postgresql",
                        "--journal-url",
                        journalUrl,
                        "--config",
                        impatient().toString()));
    }

    private Path impatient() throws IOException {
        return Files.writeString(directory.resolve("impatient.conf"), """
            pinion.operators.open-reads = on
            pinion.postgresql.connections = 5
            pinion.host.repeat-after = 2 s
            pekko.cluster {
              seed-node-timeout = 2 s
              failure-detector.acceptable-heartbeat-pause = 4 s
              split-brain-resolver.stable-after = 4 s
            }
            """);
    }

    private Path data(int node) {
        return directory.resolve("node-" + node).resolve("data");
    }

    /** A token that one node has signed is good for all. */
    private void shareKeys(int node) throws IOException {
        Files.createDirectories(data(node));
        for (String key : List.of("id_ecdsa", "id_ecdsa.pub")) {
            Files.copy(data(0).resolve(key), data(node).resolve(key));
        }
    }

    NodeProcess node(int index) {
        return nodes.get(index);
    }

    String token() {
        return token;
    }

    /** Starts a node that has ended; returns when it serves. */
    void startAgain(int node) throws IOException {
        nodes.set(node, launch(node));
        nodes.get(node).awaitReady();
    }

    /** Whether a node says of itself that it serves a database; false if it says nothing. */
    boolean serves(int node, String database) throws InterruptedException {
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create(nodes.get(node).url() + "/pinion/databases/" + database))
                            .timeout(Duration.ofSeconds(5))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200
                    && answer.body().contains("\"serving\"")
                    && answer.body().contains("\"" + places.get(node).address() + "\"");
        } catch (IOException _) {
            return false;
        }
    }

    @Override
    public void close() {
        nodes.forEach(NodeProcess::close);
        http.shutdownNow();
    }
}
