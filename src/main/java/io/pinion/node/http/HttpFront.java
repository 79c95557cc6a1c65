package io.pinion.node.http;

import io.pinion.actors.cluster.PinionHost;
import io.pinion.node.auth.TokenAuthority;
import io.pinion.node.ws.WebSocketFront;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.SystemMaterializer;

/** The HTTP server of a node, bound to its port; it ends with the actor system. */
public final class HttpFront {
    private static final Duration TERMINATION_MAX = Duration.ofSeconds(3);

    private final ServerBinding binding;

    private HttpFront(ServerBinding binding) {
        this.binding = binding;
    }

    /** Where the routes stand that are Pinion's own. */
    private static final String OWN_ROUTES = "/pinion";

    /**
     * Binds the port and serves from then on.
     *
     * @param version as {@code /v1/health} names it
     * @return fails with a {@link java.net.BindException} in the chain of causes when the port is taken
     */
    public static CompletionStage<HttpFront> start(
            ActorSystem<?> system,
            PinionHost host,
            TokenAuthority tokens,
            HttpSettings settings,
            OperatorSettings operators,
            String version) {
        // Ends by itself: virtual threads are daemons, and no task of it outlives the requests.
        ExecutorService virtualThreads = Executors.newVirtualThreadPerTaskExecutor();
        Databases databases = new Databases(host, settings);
        Materializer materializer = SystemMaterializer.get(system).materializer();
        Router router = new Router(
                routes(system, databases, tokens, operators, version),
                new HandlerRoutes(databases, materializer),
                new Authenticator(tokens),
                virtualThreads,
                materializer);
        return Http.get(system)
                .newServerAt(settings.host(), settings.port())
                .bind(router::handle)
                .thenApply(binding -> new HttpFront(binding.addToCoordinatedShutdown(TERMINATION_MAX, system)));
    }

    private static List<Route> routes(
            ActorSystem<?> system,
            Databases databases,
            TokenAuthority tokens,
            OperatorSettings operatorSettings,
            String version) {
        Operators operators = new Operators(operatorSettings, databases);
        Materializer materializer = SystemMaterializer.get(system).materializer();
        Creators creators = Creators.of(system.settings().config().getConfig("pinion.auth.creators"));
        return Stream.of(
                        new IdentityRoutes(tokens, databases).routes(),
                        new DatabaseRoutes(databases, Clock.systemUTC()).routes(),
                        new PublishRoute(databases, creators).routes(),
                        new OwnerRoutes(databases).routes(),
                        new CallRoute(databases).routes(),
                        new SqlRoute(databases).routes(),
                        new SubscribeRoute(databases, new WebSocketFront(system, databases.host())).routes(),
                        new LogRoute(databases, new LogFollowers(system)).routes(),
                        new TransferRoutes(OWN_ROUTES, databases, operators, version, materializer).routes(),
                        new OperatorRoutes(OWN_ROUTES, databases, operators).routes(),
                        new ServiceRoutes(version).routes())
                .flatMap(List::stream)
                .toList();
    }

    /** Where it listens; the port is the real one where any free one was asked for. */
    public InetSocketAddress address() {
        return binding.localAddress();
    }
}
