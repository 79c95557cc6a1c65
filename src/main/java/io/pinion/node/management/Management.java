package io.pinion.node.management;

import io.pinion.actors.core.CoreSet;
import io.pinion.actors.core.Cores;
import io.pinion.balancer.Balancer;
import io.pinion.node.auth.TokenAuthority;
import io.pinion.node.http.Authenticator;
import io.pinion.node.http.Databases;
import io.pinion.node.http.Route;
import io.pinion.node.http.Router;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.HttpsConnectionContext;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.ServerBuilder;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.SystemMaterializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The management of one node: its server on a port of its own, its part in what other nodes are asked, the audit log, and the
 * routes for owners of databases that the public server has, too. It ends with the actor system.
 */
public final class Management {
    private static final Logger LOG = LoggerFactory.getLogger(Management.class);
    private static final Duration TERMINATION_MAX = Duration.ofSeconds(3);
    private static final Duration SAMPLE_INTERVAL = Duration.ofSeconds(5);

    private final ActorSystem<?> system;
    private final Parts parts;
    private final ManagementSettings settings;
    private final OperatorSettings operatorSettings;
    private final Nodes nodes;
    private final ManagementRoutes routes;
    private final Auditor auditor;
    private final AuditLog audit;
    private final Optional<HttpsConnectionContext> tls;
    private final LoadSampler loads;
    private volatile LongSupplier openSockets = () -> 0;
    // Ends by itself: virtual threads are daemons, and no task of it outlives the requests.
    private final Executor threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * What the node gives it.
     *
     * @param version of this node
     */
    public record Parts(
            Databases databases, Balancer balancer, TokenAuthority tokens, Path dataDirectory, String version) {}

    private Management(ActorSystem<?> system, Parts parts, AuditLog audit, Optional<HttpsConnectionContext> tls) {
        this.system = system;
        this.parts = parts;
        this.audit = audit;
        this.tls = tls;
        this.settings = ManagementSettings.of(system.settings().config());
        this.operatorSettings = OperatorSettings.of(system.settings().config().getConfig("pinion.operators"));
        this.nodes = new Nodes(system, settings.nodeTimeout());
        this.routes = new ManagementRoutes(
                system,
                parts.databases(),
                nodes,
                parts.balancer(),
                new Metrics(
                        parts.databases().host(),
                        Cores.get(system),
                        () -> openSockets.getAsLong(),
                        settings.metricsDatabasesMax()),
                parts.version());
        this.auditor = new Auditor(audit, nodes.self(), InstantSource.system());
        this.loads = new LoadSampler(Cores.get(system));
    }

    /**
     * Prepares it and lets other nodes ask this one.
     *
     * @throws IOException if the audit log cannot be written or the keys for TLS cannot be read
     */
    public static Management start(ActorSystem<?> system, Parts parts) throws IOException {
        ManagementSettings settings = ManagementSettings.of(system.settings().config());
        AuditLog audit = AuditLog.open(parts.dataDirectory(), settings.auditFileBytesMax(), settings.auditFilesMax());
        Optional<HttpsConnectionContext> tls =
                settings.tls().isEnabled() ? Optional.of(ManagementTls.context(settings.tls())) : Optional.empty();
        Management management = new Management(system, parts, audit, tls);
        management.begin();
        return management;
    }

    private void begin() {
        CoreSet cores = Cores.get(system);
        LocalNode here =
                new LocalNode(nodes.self(), parts.version(), parts.databases().host(), cores, loads, audit);
        NodeAgent.start(system, here.answers(), threads);
        var sampling = system.scheduler()
                .scheduleWithFixedDelay(SAMPLE_INTERVAL, SAMPLE_INTERVAL, loads::sample, system.executionContext());
        system.getWhenTerminated().thenRun(() -> {
            sampling.cancel();
            close(audit);
        });
    }

    private static void close(AuditLog audit) {
        try {
            audit.close();
        } catch (IOException e) {
            LOG.warn("the audit log was not closed cleanly", e);
        }
    }

    /** What owners may do about their databases, for the public server. */
    public List<Route> ownerRoutes() {
        return routes.ofOwners(operatorSettings);
    }

    /** Writes down what the public server is asked for in the way of changes. */
    public Router.Witness witness() {
        return auditor;
    }

    /**
     * The node serves; until then it is not ready.
     *
     * @param sockets open WebSocket connections of the public server
     */
    public void started(LongSupplier sockets) {
        openSockets = sockets;
        Readiness.get(system).started();
    }

    /**
     * Binds the port and serves from then on.
     *
     * @return where; fails with a {@link BindException} in the chain of causes when a port that was asked for is taken
     */
    public CompletionStage<InetSocketAddress> bind() {
        Materializer materializer = SystemMaterializer.get(system).materializer();
        Router router = new Router(
                routes.ofOperators(operatorSettings.withOpenReads(settings.openReads())),
                new ManagementManner(),
                new ClientCertificates(new Authenticator(parts.tokens())),
                auditor,
                threads,
                materializer);
        return bind(router, settings.port())
                .exceptionallyCompose(failure -> {
                    if (settings.isPortSettled() || !isTaken(failure)) {
                        return CompletableFuture.failedStage(failure);
                    }
                    LOG.warn(
                            "port {} is in use, so the management gets another one; pinion.management.port settles it",
                            settings.port());
                    return bind(router, 0);
                })
                .thenApply(binding -> binding.addToCoordinatedShutdown(TERMINATION_MAX, system)
                        .localAddress());
    }

    private CompletionStage<ServerBinding> bind(Router router, int port) {
        ServerBuilder server = Http.get(system).newServerAt(settings.host(), port);
        return tls.map(server::enableHttps).orElse(server).bind(router::handle);
    }

    private static boolean isTaken(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .anyMatch(cause -> cause instanceof BindException);
    }

    public String host() {
        return settings.host();
    }

    /** That was asked for; it may listen on another one. */
    public int port() {
        return settings.port();
    }

    /** Whether it speaks TLS. */
    public boolean isSecure() {
        return tls.isPresent();
    }
}
