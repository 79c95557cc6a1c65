package io.pinion.actors.procedure;

import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpResponse;
import io.pinion.modules.ProcedureHost.HttpOutcome;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP requests that procedures make to others, under the rules of the node: whether at all, to whom, how many at once,
 * how much and how long. A name is looked up once, and the connection goes to the address that was checked, so that a name
 * server cannot answer differently in between; a redirect is looked at as a request of its own. Threadsafe.
 */
public final class Egress {
    private static final String OFF = "outbound HTTP is switched off on this node (pinion.procedure.http.enabled)";
    private static final int CAUSES_MAX = 10;

    private final EgressSettings settings;
    private final Semaphore places;
    private final Exchanges exchanges;
    private final Lookup lookup;

    /** From a host's name to its addresses. Threadsafe; may block. */
    @FunctionalInterface
    interface Lookup {
        List<InetAddress> addresses(String host) throws UnknownHostException;
    }

    Egress(EgressSettings settings, Exchanges exchanges, Lookup lookup) {
        this.settings = settings;
        this.exchanges = exchanges;
        this.lookup = lookup;
        this.places = new Semaphore(settings.atOnceMax());
    }

    public static Egress of(ActorSystem<?> system, EgressSettings settings) {
        return new Egress(
                settings,
                new Exchanges(system, settings.responseBytesMax()),
                host -> Arrays.asList(InetAddress.getAllByName(host)));
    }

    /** Why no request at all is made, for the guest; null if they are. */
    public @Nullable String refusal() {
        return settings.isEnabled() ? null : OFF;
    }

    /** Makes a request, follows where it is sent, and reads the whole response. Blocks. */
    public HttpOutcome send(HttpRequest request) throws InterruptedException {
        Duration asked = Objects.requireNonNullElse(request.timeout(), settings.timeout());
        Duration timeout = asked.compareTo(settings.timeoutMax()) < 0 ? asked : settings.timeoutMax();
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        boolean hasPlace = false;
        try {
            hasPlace = places.tryAcquire(left(deadlineNanos), TimeUnit.NANOSECONDS);
            if (!hasPlace) {
                throw new EgressException("this node makes " + settings.atOnceMax() + " requests at a time at most, and"
                        + " none of them has ended within " + timeout);
            }
            return new HttpOutcome.Received(follow(request, deadlineNanos));
        } catch (EgressException e) {
            return new HttpOutcome.NotReceived(text(e));
        } catch (TimeoutException e) {
            return new HttpOutcome.NotReceived("the request timed out after " + timeout.toMillis() + " ms");
        } finally {
            if (hasPlace) {
                places.release();
            }
        }
    }

    private static long left(long deadlineNanos) {
        return Math.max(0, deadlineNanos - System.nanoTime());
    }

    private HttpResponse follow(HttpRequest request, long deadlineNanos)
            throws EgressException, TimeoutException, InterruptedException {
        OutgoingRequest next = OutgoingRequest.of(request, settings.requestBytesMax());
        for (int redirects = 0; ; redirects++) {
            HttpResponse response = sendOnce(next, deadlineNanos);
            Optional<OutgoingRequest> redirected = next.redirected(response);
            if (redirected.isEmpty()) {
                return response;
            }
            if (redirects == settings.redirectsMax()) {
                throw new EgressException("it was redirected more than " + settings.redirectsMax() + " times");
            }
            next = redirected.get();
        }
    }

    private HttpResponse sendOnce(OutgoingRequest request, long deadlineNanos)
            throws EgressException, TimeoutException, InterruptedException {
        if (left(deadlineNanos) == 0) {
            throw new TimeoutException("before it was begun");
        }
        InetSocketAddress address = address(request.uri());
        Exchanges.Running running = exchanges.start(request, address);
        try {
            return running.response().get(left(deadlineNanos), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new EgressException("the request to " + place(request.uri()) + " failed", e.getCause());
        } finally {
            running.abort();
        }
    }

    /** Without what may be secret. */
    private static String place(URI uri) {
        return uri.getScheme() + "://" + uri.getRawAuthority();
    }

    /** Where to connect to: the first address of the host that may be. */
    private InetSocketAddress address(URI uri) throws EgressException {
        String host = uri.getHost();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        if (!settings.hosts().allows(bare)) {
            throw new EgressException(
                    "requests to " + bare + " are not allowed on this node (pinion.procedure.http.allow-hosts)");
        }
        List<InetAddress> found;
        try {
            found = lookup.addresses(bare);
        } catch (UnknownHostException e) {
            throw new EgressException("the host " + bare + " is not known");
        }
        InetAddress allowed = found.stream()
                .filter(settings.addresses()::allows)
                .findFirst()
                .orElseThrow(() -> new EgressException("the host " + bare
                        + " has only private or special-purpose addresses, which are not allowed"
                        + " (pinion.procedure.http.allow-addresses)"));
        return new InetSocketAddress(allowed, OutgoingRequest.port(uri));
    }

    private static String text(Throwable failure) {
        List<String> causes = new ArrayList<>();
        Throwable cause = failure;
        while (cause != null && causes.size() < CAUSES_MAX) {
            causes.add(cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
            cause = cause.getCause();
        }
        return String.join(": ", causes);
    }
}
