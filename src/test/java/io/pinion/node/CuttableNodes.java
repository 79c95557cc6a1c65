package io.pinion.node;

import io.pinion.actors.cluster.PinionHost;
import io.pinion.testing.LedgerClient;
import io.pinion.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.remote.RemoteActorRefProvider;
import org.apache.pekko.remote.transport.ThrottlerTransportAdapter;
import scala.jdk.javaapi.FutureConverters;

/**
 * Nodes in this JVM, whose messages to each other are dropped by the test mode of Pekko's transport; it drops them in both
 * directions or in none. Clients call by ask and over HTTP. All reach the journal.
 */
@SuppressWarnings("deprecation") // the commands of the test mode are named after the old transport
final class CuttableNodes implements CuttableCluster {
    private static final Duration PATIENCE = Duration.ofSeconds(8);
    private static final Map<String, Object> SETTINGS = Map.of(
            "pekko.remote.artery.advanced.test-mode",
            "on",
            "pekko.cluster.failure-detector.acceptable-heartbeat-pause",
            "3 s",
            "pekko.cluster.split-brain-resolver.stable-after",
            "3 s",
            "pinion.host.repeat-after",
            "2 s",
            // This JVM lives on.
            "pekko.coordinated-shutdown.reason-overrides"
                    + ".\"org.apache.pekko.actor.CoordinatedShutdown$ClusterDowningReason$\".exit-jvm",
            "off");

    private final ClusterNodes nodes;
    private final List<LedgerCalls> ledgers = new ArrayList<>();
    private final List<Cut> cuts = new ArrayList<>();
    /** By node; empty while it is gone. */
    private final List<List<LedgerDoor>> asking = new CopyOnWriteArrayList<>();

    private final List<List<LedgerDoor>> overHttp = new CopyOnWriteArrayList<>();

    private record Cut(PinionNode node, Address other) {}

    private CuttableNodes(ClusterNodes nodes) {
        this.nodes = nodes;
    }

    /** Ledger n is on node n. */
    static CuttableNodes start(Path directory, PostgresServer server) throws Exception {
        CuttableNodes started = new CuttableNodes(ClusterNodes.start(NODES, directory, server, SETTINGS));
        try {
            for (int ledger = 0; ledger < LEDGERS; ledger++) {
                started.ledgers.add(LedgerCalls.publish(started.host(ledger), LedgerBook.ACCOUNTS, LedgerBook.BALANCE));
                started.fill(ledger);
            }
            for (int node = 0; node < NODES; node++) {
                started.asking.add(started.askDoors(node));
                started.overHttp.add(started.httpDoors(node));
            }
            return started;
        } catch (Exception | AssertionError e) {
            started.close();
            throw e;
        }
    }

    private PinionHost host(int node) {
        return nodes.node(node).host();
    }

    private void fill(int ledger) {
        LedgerCalls calls = ledgers.get(ledger);
        LedgerDoor door = new AskDoor(host(ledger), calls.database(), Duration.ofMinutes(1));
        for (int register = 0; register < LedgerBook.REGISTERS; register++) {
            if (!(door.write(register, 0) instanceof LedgerDoor.Done)) {
                throw new AssertionError("a register cannot be written");
            }
        }
        Address address = ClusterNodes.address(nodes.node(ledger));
        LedgerCalls.await(host(0).relocate(calls.bucket(), address));
        ClusterTest.await("that ledger " + ledger + " moves", () -> {
            return door.rows("SELECT id FROM registers", 1).isPresent() && owner(ledger) == ledger;
        });
    }

    private List<LedgerDoor> askDoors(int node) {
        return ledgers.stream()
                .<LedgerDoor>map(ledger -> new AskDoor(host(node), ledger.database(), PATIENCE))
                .toList();
    }

    private List<LedgerDoor> httpDoors(int node) throws IOException {
        String token = LedgerClient.newToken(nodes.node(node).url());
        return ledgers.stream()
                .<LedgerDoor>map(ledger -> new HttpDoor(new LedgerClient(
                        nodes.node(node).url(), token, ledger.database().toHex(), PATIENCE)))
                .toList();
    }

    /** Starts one client of each kind on each node. */
    LedgerClients clients(long seed) {
        LedgerClients clients = new LedgerClients(LEDGERS, seed);
        for (int i = 0; i < NODES; i++) {
            int node = i;
            clients.add(node, () -> hasEnded(node) ? List.of() : asking.get(node));
            clients.add(node, () -> hasEnded(node) ? List.of() : overHttp.get(node));
        }
        return clients;
    }

    @Override
    public void cut(int from, int to) {
        Cut cut = new Cut(nodes.node(from), ClusterNodes.address(nodes.node(to)));
        cuts.add(cut);
        throttle(cut, ThrottlerTransportAdapter.Blackhole$.MODULE$);
    }

    @Override
    public void heal() {
        cuts.forEach(cut -> throttle(cut, ThrottlerTransportAdapter.Unthrottled$.MODULE$));
        cuts.clear();
    }

    private static void throttle(Cut cut, ThrottlerTransportAdapter.ThrottleMode mode) {
        if (ClusterNodes.hasEnded(cut.node())) {
            return;
        }
        ExtendedActorSystem system =
                (ExtendedActorSystem) Adapter.toClassic(cut.node().system());
        RemoteActorRefProvider provider = (RemoteActorRefProvider) system.provider();
        LedgerCalls.await(FutureConverters.asJava(provider.transport()
                .managementCommand(new ThrottlerTransportAdapter.SetThrottle(cut.other(), both(), mode))));
    }

    /** Java finds no name for it. */
    private static ThrottlerTransportAdapter.Direction both() {
        try {
            return (ThrottlerTransportAdapter.Direction)
                    Class.forName(ThrottlerTransportAdapter.class.getName() + "$Direction$Both$")
                            .getField("MODULE$")
                            .get(null);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("Pekko has no direction for both", e);
        }
    }

    @Override
    public boolean hasEnded(int node) {
        return ClusterNodes.hasEnded(nodes.node(node));
    }

    @Override
    public void startAgain(int node) throws Exception {
        nodes.startAgain(node);
        asking.set(node, askDoors(node));
        overHttp.set(node, httpDoors(node));
    }

    @Override
    public int owner(int ledger) {
        return IntStream.range(0, NODES)
                .filter(node -> !hasEnded(node) && has(node, ledger))
                .findFirst()
                .orElse(-1);
    }

    private boolean has(int node, int ledger) {
        return host(node).databasesHere().stream()
                .anyMatch(state -> state.database().equals(ledgers.get(ledger).database())
                        && state.offsetDurable().isPresent());
    }

    @Override
    public List<LedgerDoor> doors(int node) {
        return asking.get(node);
    }

    @Override
    public void close() {
        nodes.close();
    }
}
