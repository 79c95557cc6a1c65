package io.pinion.node;

import io.pinion.testing.LedgerClient;
import io.pinion.testing.NetworkNamespaces;
import io.pinion.testing.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Nodes in processes and network namespaces of their own, whose packets to each other are lost, one way or both. Clients call
 * over HTTP from this process, which reaches all nodes always. The journal is beside them, and they reach it unless they are cut
 * from that, too.
 */
final class NamespaceNodes implements CuttableCluster {
    private static final int CLUSTER_PORT = 7621;
    private static final int CLIENTS_PER_NODE = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final NetworkNamespaces network;
    private final PostgresServer server;
    private final ProcessNodes nodes;
    /** By node. */
    private final List<List<LedgerDoor>> doors = new CopyOnWriteArrayList<>();

    private NamespaceNodes(NetworkNamespaces network, PostgresServer server, ProcessNodes nodes) {
        this.network = network;
        this.server = server;
        this.nodes = nodes;
    }

    static NamespaceNodes start(Path directory) throws Exception {
        NetworkNamespaces network = NetworkNamespaces.create(NODES);
        try {
            PostgresServer server = PostgresServer.startAt(network.bridgeAddress());
            try {
                ProcessNodes nodes =
                        ProcessNodes.start(directory, server.url(server.createDatabase()), places(network));
                NamespaceNodes started = new NamespaceNodes(network, server, nodes);
                started.publish();
                return started;
            } catch (IOException | SQLException | RuntimeException e) {
                server.close();
                throw e;
            }
        } catch (IOException | SQLException | RuntimeException e) {
            network.close();
            throw e;
        }
    }

    private static List<ProcessNodes.Place> places(NetworkNamespaces network) {
        List<ProcessNodes.Place> places = new ArrayList<>();
        for (int node = 0; node < NODES; node++) {
            places.add(new ProcessNodes.Place(network.prefix(node), network.address(node), CLUSTER_PORT));
        }
        return places;
    }

    private void publish() throws IOException {
        for (int ledger = 0; ledger < LEDGERS; ledger++) {
            LedgerClient client = client(ledger, ledger);
            client.publish();
            client.open(LedgerBook.ACCOUNTS, LedgerBook.BALANCE);
            for (int register = 0; register < LedgerBook.REGISTERS; register++) {
                if (client.write(register, 0).statusCode() != 200) {
                    throw new IOException("a register cannot be written");
                }
            }
        }
        for (int node = 0; node < NODES; node++) {
            doors.add(newDoors(node));
        }
    }

    private LedgerClient client(int node, int ledger) {
        URI url = nodes.node(node).url();
        return new LedgerClient(url, nodes.token(), name(ledger), PATIENCE);
    }

    private static String name(int ledger) {
        return "ledger-" + ledger;
    }

    private List<LedgerDoor> newDoors(int node) {
        List<LedgerDoor> fresh = new ArrayList<>();
        for (int ledger = 0; ledger < LEDGERS; ledger++) {
            fresh.add(new HttpDoor(client(node, ledger)));
        }
        return fresh;
    }

    /** Starts some clients on each node. */
    LedgerClients clients(long seed) {
        LedgerClients clients = new LedgerClients(LEDGERS, seed);
        for (int i = 0; i < NODES * CLIENTS_PER_NODE; i++) {
            int node = i % NODES;
            clients.add(node, () -> hasEnded(node) ? List.of() : doors.get(node));
        }
        return clients;
    }

    @Override
    public void cut(int from, int to) throws IOException {
        network.cut(from, to);
    }

    /** What a node sends gets neither to the journal nor to clients. */
    void cutFromJournal(int node) throws IOException {
        network.cutFromBridge(node);
    }

    @Override
    public void heal() throws IOException {
        network.heal();
    }

    @Override
    public boolean hasEnded(int node) {
        return nodes.node(node).hasEnded();
    }

    @Override
    public void startAgain(int node) throws IOException {
        nodes.startAgain(node);
        doors.set(node, newDoors(node));
    }

    @Override
    public int owner(int ledger) throws InterruptedException {
        for (int node = 0; node < NODES; node++) {
            if (!hasEnded(node) && nodes.serves(node, name(ledger))) {
                return node;
            }
        }
        return -1;
    }

    @Override
    public List<LedgerDoor> doors(int node) {
        return doors.get(node);
    }

    @Override
    public void close() throws IOException {
        nodes.close();
        server.close();
        network.close();
    }
}
