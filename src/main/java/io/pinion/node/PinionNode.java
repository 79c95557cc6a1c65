package io.pinion.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.pinion.actors.cluster.Pinion;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.balancer.BalancerExtension;
import io.pinion.node.auth.AuthSettings;
import io.pinion.node.auth.KeyFileException;
import io.pinion.node.auth.SigningKeys;
import io.pinion.node.auth.TokenAuthority;
import io.pinion.node.http.Databases;
import io.pinion.node.http.HttpFront;
import io.pinion.node.http.HttpSettings;
import io.pinion.node.management.Management;
import io.pinion.node.pgwire.PgFront;
import io.pinion.node.pgwire.PgSettings;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running node: an actor system that is a member of its cluster, the databases it hosts, and the HTTP front. Started
 * by {@link #start}; ended by {@link #close} or with the JVM.
 */
public final class PinionNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PinionNode.class);
    private static final String JAVA_SERIALIZATION = "pekko.actor.allow-java-serialization";
    private static final Duration STOP_MAX = Duration.ofSeconds(30);

    private final ActorSystem<Void> system;
    private final PinionHost host;
    private final URI url;
    private final URI managementUrl;
    private final CompletionStage<?> ended;

    private PinionNode(
            ActorSystem<Void> system, PinionHost host, URI url, URI managementUrl, CompletionStage<?> ended) {
        this.system = system;
        this.host = host;
        this.url = url;
        this.managementUrl = managementUrl;
        this.ended = ended;
    }

    /**
     * Starts a node and returns when it serves. Blocks for seconds.
     *
     * @param config complete, see {@link NodeConfig#load}
     * @throws NodeStartException if it cannot start; nothing is left running then
     */
    public static PinionNode start(Config config) throws NodeStartException {
        DataDirectory data = DataDirectory.open(Path.of(config.getString("pinion.data-directory")));
        try {
            NodeLog.writeTo(data.path());
            TokenAuthority tokens = new TokenAuthority(
                    SigningKeys.loadOrCreate(data.path()),
                    Clock.systemUTC(),
                    AuthSettings.of(config.getConfig("pinion.auth")));
            return start(config, data, tokens);
        } catch (ConfigException e) {
            release(data);
            throw new NodeStartException("the configuration is wrong: " + e.getMessage(), e);
        } catch (NodeStartException | RuntimeException e) {
            release(data);
            throw e;
        } catch (KeyFileException e) {
            release(data);
            throw new NodeStartException(String.valueOf(e.getMessage()), e);
        }
    }

    private static PinionNode start(Config config, DataDirectory data, TokenAuthority tokens)
            throws NodeStartException {
        ActorSystem<Void> system = createSystem(config);
        CompletionStage<?> ended = system.getWhenTerminated().whenComplete((_, _) -> release(data));
        try {
            NodeJournal.open(system);
            ClusterStart.join(system);
            PinionHost host = Pinion.get(system);
            HttpSettings http = HttpSettings.of(config.getConfig("pinion.http"));
            Databases databases = new Databases(host, http);
            Management management = startManagement(system, databases, tokens, data);
            URI managementUrl = url(management.isSecure(), management.host(), bind(management));
            HttpFront front = bind(system, databases, tokens, management);
            serveSql(system, host, tokens, PgSettings.of(config.getConfig("pinion")));
            URI url = url(false, http.host(), front.address());
            if (config.getBoolean("pinion.javascript.warm-up")) {
                JsEngineCheck.start();
            }
            management.started(front::openSocketCount);
            LOG.info(
                    "Pinion {} serves {}, its management {} (data in {})",
                    NodeVersion.current(),
                    url,
                    managementUrl,
                    data.path());
            return new PinionNode(system, host, url, managementUrl, ended);
        } catch (NodeStartException e) {
            stop(system, ended);
            throw e;
        } catch (RuntimeException e) {
            stop(system, ended);
            throw new NodeStartException("the node cannot start: " + causes(e), e);
        }
    }

    /** For clients that speak PostgreSQL's protocol, if that is wanted. */
    private static void serveSql(ActorSystem<Void> system, PinionHost host, TokenAuthority tokens, PgSettings settings)
            throws NodeStartException {
        if (!settings.isEnabled()) {
            return;
        }
        try {
            PgFront front = PgFront.start(host, tokens, settings, NodeVersion.current());
            system.getWhenTerminated().whenComplete((_, _) -> front.close());
            LOG.info("SQL in PostgreSQL's protocol at {}", front.address());
        } catch (IOException e) {
            throw new NodeStartException(
                    "pinion.pgwire: port " + settings.port() + " of " + settings.host() + " cannot be had: "
                            + e.getMessage(),
                    e);
        }
    }

    private static ActorSystem<Void> createSystem(Config config) throws NodeStartException {
        if (config.getBoolean(JAVA_SERIALIZATION)) {
            throw new NodeStartException(
                    "the configuration is wrong: " + JAVA_SERIALIZATION
                            + " is on. With it whoever reaches the port for other nodes runs what he likes here; Pinion needs none");
        }
        try {
            return ActorSystem.create(Behaviors.empty(), config.getString("pinion.cluster.name"), config);
        } catch (ConfigException e) {
            throw new NodeStartException("the configuration is wrong: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new NodeStartException("the node cannot start: " + e.getMessage(), e);
        }
    }

    private static Management startManagement(
            ActorSystem<Void> system, Databases databases, TokenAuthority tokens, DataDirectory data)
            throws NodeStartException {
        try {
            return Management.start(
                    system,
                    new Management.Parts(
                            databases,
                            BalancerExtension.get(system).balancer(),
                            tokens,
                            data.path(),
                            NodeVersion.current()));
        } catch (ConfigException e) {
            throw new NodeStartException("the configuration is wrong: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new NodeStartException("the management cannot start: " + e.getMessage(), e);
        }
    }

    private static InetSocketAddress bind(Management management) throws NodeStartException {
        try {
            return management.bind().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw bindFailure(e, management.host(), management.port(), "pinion.management.port");
        }
    }

    private static HttpFront bind(
            ActorSystem<Void> system, Databases databases, TokenAuthority tokens, Management management)
            throws NodeStartException {
        try {
            return HttpFront.start(
                            system,
                            databases,
                            tokens,
                            management.ownerRoutes(),
                            management.witness(),
                            NodeVersion.current())
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            HttpSettings settings = databases.settings();
            throw bindFailure(e, settings.host(), settings.port(), "--port");
        }
    }

    /** @param option that chooses another port */
    private static NodeStartException bindFailure(CompletionException failure, String host, int port, String option) {
        boolean isTaken = Stream.iterate(failure.getCause(), cause -> cause != null, Throwable::getCause)
                .anyMatch(cause -> cause instanceof BindException);
        String place = host + ":" + port;
        return isTaken
                ? new NodeStartException(
                        "port " + port + " is in use (" + place
                                + "): stop what listens there, or choose another one with " + option,
                        failure)
                : new NodeStartException("cannot listen on " + place + ": " + causes(failure), failure);
    }

    private static String causes(Throwable failure) {
        Throwable cause = failure.getCause();
        return cause == null || failure.toString().contains(cause.toString())
                ? failure.toString()
                : failure + ": " + causes(cause);
    }

    /** An address that listens everywhere is reached at the loopback address. */
    private static URI url(boolean isSecure, String host, InetSocketAddress address) {
        String reachable = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
        return URI.create((isSecure ? "https://" : "http://")
                + (reachable.contains(":") ? "[" + reachable + "]" : reachable) + ":" + address.getPort());
    }

    private static void release(DataDirectory data) {
        try {
            data.close();
        } catch (IOException e) {
            LOG.warn("the lock of {} was not released cleanly", data.path(), e);
        }
    }

    /** Where its HTTP front is. */
    public URI url() {
        return url;
    }

    /** Where its management is. */
    public URI managementUrl() {
        return managementUrl;
    }

    /** The databases, as a service in this JVM uses them. */
    public PinionHost host() {
        return host;
    }

    public ActorSystem<Void> system() {
        return system;
    }

    /** When everything has stopped and the data directory is free. */
    public CompletionStage<?> whenEnded() {
        return ended;
    }

    /** Stops everything in order and returns when that is done. */
    @Override
    public void close() {
        stop(system, ended);
    }

    private static void stop(ActorSystem<Void> system, CompletionStage<?> ended) {
        CoordinatedShutdown.get(system)
                .runAll(CoordinatedShutdown.actorSystemTerminateReason())
                .thenCompose(_ -> ended)
                .toCompletableFuture()
                .orTimeout(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
}
