package io.pinion.bench;

import io.pinion.store.value.BsatnWriter;
import java.io.IOException;
import java.util.Map;

/** Connections that subscribe to a row that nobody changes, and do nothing but answer pings. */
final class IdleLoad implements WsDriver.Load {
    static final String KIND = "idle";
    private static final String QUERY = "SELECT * FROM accounts WHERE id = 1";

    private final int connections;
    private double openSeconds;
    private int ready;

    IdleLoad(int connections) {
        this.connections = connections;
    }

    @Override
    public void prepare(WsLinks links) throws IOException {
        long begin = System.nanoTime();
        V3Messages.Listener client = new V3Messages.Listener() {
            @Override
            public void applied() {
                ready++;
            }
        };
        BsatnWriter subscribe = new BsatnWriter();
        V3Messages.writeSubscribe(QUERY, subscribe);
        links.open(connections, (link, _) -> {
            link.receive((buffer, offset, length) -> V3Messages.read(buffer, offset, length, client));
            link.send(subscribe.buffer(), subscribe.length());
            link.flush();
        });
        while (ready < connections) {
            links.turn(100);
        }
        openSeconds = (System.nanoTime() - begin) / 1e9;
    }

    @Override
    public void run(WsLinks links, long untilNanos) throws IOException {
        while (System.nanoTime() < untilNanos) {
            links.turn(100);
        }
    }

    @Override
    public void reset() {}

    @Override
    public Map<String, Double> figures() {
        return Map.of("opened_per_s", connections / openSeconds);
    }
}
