package io.pinion.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

/** The connections of a driver, all on one thread. */
final class WsLinks implements AutoCloseable {
    private static final int SCRATCH_BYTES = 256 << 10;

    private final InetSocketAddress node;
    private final String database;
    private final String token;
    private final Selector selector = Selector.open();
    private final List<WsLink> links = new ArrayList<>();
    private ByteBuffer scratch = ByteBuffer.allocate(SCRATCH_BYTES);

    WsLinks(InetSocketAddress node, String database, String token) throws IOException {
        this.node = node;
        this.database = database;
        this.token = token;
    }

    WsLink open() throws IOException {
        WsLink link = WsLink.connect(node, database, token);
        link.register(selector);
        links.add(link);
        return link;
    }

    /** Hands on what has come, waiting for something if nothing has, then sends what there is to send. */
    void turn(long waitMillis) throws IOException {
        selector.select(waitMillis);
        for (SelectionKey key : selector.selectedKeys()) {
            WsLink link = (WsLink) key.attachment();
            if (key.isReadable()) {
                scratch = link.read(scratch);
            }
            link.flush();
        }
        selector.selectedKeys().clear();
    }

    long bytesReceived() {
        return links.stream().mapToLong(WsLink::bytesReceived).sum();
    }

    @Override
    public void close() throws IOException {
        for (WsLink link : links) {
            link.close();
        }
        selector.close();
    }
}
