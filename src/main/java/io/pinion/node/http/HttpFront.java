package io.pinion.node.http;

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
    private final WebSocketFront sockets;

    private HttpFront(ServerBinding binding, WebSocketFront sockets) {
        this.binding = binding;
        this.sockets = sockets;
    }

    /**
     * Binds the port and serves from then on.
     *
     * @param more routes beside those of clients
     * @param witness hears of the requests to all routes
     * @param version as {@code /v1/health} names it
     * @return fails with a {@link java.net.BindException} in the chain of causes when the port is taken
     */
    public static CompletionStage<HttpFront> start(
            ActorSystem<?> system,
            Databases databases,
            TokenAuthority tokens,
            List<Route> more,
            Router.Witness witness,
            String version) {
        // Ends by itself: virtual threads are daemons, and no task of it outlives the requests.
        ExecutorService virtualThreads = Executors.newVirtualThreadPerTaskExecutor();
        HttpSettings settings = databases.settings();
        Materializer materializer = SystemMaterializer.get(system).materializer();
        WebSocketFront sockets = new WebSocketFront(system, databases.host());
        Router router = new Router(
                Stream.concat(routes(system, databases, tokens, sockets, version).stream(), more.stream())
                        .toList(),
                new PublicManner(new HandlerRoutes(databases, materializer), materializer),
                new Authenticator(tokens),
                witness,
                virtualThreads,
                materializer);
        return Http.get(system)
                .newServerAt(settings.host(), settings.port())
                .bind(router::handle)
                .thenApply(
                        binding -> new HttpFront(binding.addToCoordinatedShutdown(TERMINATION_MAX, system), sockets));
    }

    private static List<Route> routes(
            ActorSystem<?> system, Databases databases, TokenAuthority tokens, WebSocketFront sockets, String version) {
        Creators creators = Creators.of(system.settings().config().getConfig("pinion.auth.creators"));
        return Stream.of(
                        new IdentityRoutes(tokens, databases).routes(),
                        new DatabaseRoutes(databases, Clock.systemUTC()).routes(),
                        new PublishRoute(databases, creators).routes(),
                        new OwnerRoutes(databases).routes(),
                        new CallRoute(databases).routes(),
                        new SqlRoute(databases).routes(),
                        new SubscribeRoute(databases, sockets).routes(),
                        new LogRoute(databases, new LogFollowers(system)).routes(),
                        new ServiceRoutes(version).routes())
                .flatMap(List::stream)
                .toList();
    }

    /** WebSocket connections that are open now. */
    public long openSocketCount() {
        return sockets.openCount();
    }

    /** Where it listens; the port is the real one where any free one was asked for. */
    public InetSocketAddress address() {
        return binding.localAddress();
    }
}
