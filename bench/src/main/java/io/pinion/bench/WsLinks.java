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
    private static final int ASKED_MAX = 100;

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
        return add(WsLink.request(node, database, token));
    }

    /** Is given connections one after the other as they have been opened. */
    interface Opened {
        void opened(WsLink link, int number) throws IOException;
    }

    /** Opens so many, up to {@value #ASKED_MAX} of them at once. */
    void open(int count, Opened each) throws IOException {
        int number = 0;
        while (number < count) {
            List<WsLink> asked = new ArrayList<>();
            for (int i = Math.min(count - number, ASKED_MAX); i > 0; i--) {
                asked.add(WsLink.request(node, database, token));
            }
            for (WsLink link : asked) {
                each.opened(add(link), number++);
            }
            turn(1); // those that are open answer pings meanwhile
        }
    }

    private WsLink add(WsLink link) throws IOException {
        link.awaitOpen();
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
