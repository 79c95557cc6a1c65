package io.pinion.node.pgwire;

import io.pinion.actors.cluster.PinionHost;
import io.pinion.node.auth.TokenAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for clients that speak PostgreSQL's protocol; each connection has a virtual thread. Threadsafe. */
public final class PgFront implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PgFront.class);
    private static final int BACKLOG = 128;

    private final ServerSocket listener;
    private final PinionHost host;
    private final TokenAuthority tokens;
    private final PgSettings settings;
    private final String version;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private PgFront(
            ServerSocket listener, PinionHost host, TokenAuthority tokens, PgSettings settings, String version) {
        this.listener = listener;
        this.host = host;
        this.tokens = tokens;
        this.settings = settings;
        this.version = version;
    }

    /**
     * Binds the port and serves from then on.
     *
     * @throws IOException if the port cannot be bound
     */
    public static PgFront start(PinionHost host, TokenAuthority tokens, PgSettings settings, String version)
            throws IOException {
        ServerSocket listener = new ServerSocket(settings.port(), BACKLOG, InetAddress.getByName(settings.host()));
        PgFront front = new PgFront(listener, host, tokens, settings, version);
        Thread.ofVirtual().name("pinion-pgwire").start(front::listen);
        return front;
    }

    public InetSocketAddress address() {
        return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    }

    private void listen() {
        while (!listener.isClosed()) {
            try {
                admit(listener.accept());
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    LOG.warn("a connection could not be accepted", e);
                }
            }
        }
    }

    /** One more than there may be is closed at once. */
    private void admit(Socket socket) throws IOException {
        if (open.size() >= settings.connectionsMax()) {
            LOG.warn("{} connections are open, one more is closed", open.size());
            socket.close();
            return;
        }
        open.add(socket);
        Thread.startVirtualThread(() -> converse(socket));
    }

    private void converse(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            new PgConnection(socket, host, tokens, settings, version).converse();
        } catch (IOException e) {
            LOG.debug("a connection has ended", e);
        } catch (RuntimeException e) {
            LOG.error("a connection has failed", e);
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            LOG.debug("on the way out", e);
        }
    }
}
