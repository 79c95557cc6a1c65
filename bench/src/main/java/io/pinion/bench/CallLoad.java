package io.pinion.bench;

import io.pinion.store.value.BsatnWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;

/** Calls of the bank over some connections, each with so many under way all the time. */
final class CallLoad implements WsDriver.Load {
    static final String KIND = "calls";
    static final int EMPTY = 0;
    static final int TRANSFER = 1;
    static final int ACCOUNTS = 1_000;

    private final int reducer;
    private final int connections;
    private final int inFlight;
    private final SplittableRandom random = new SplittableRandom(42);
    private final BsatnWriter arguments = new BsatnWriter();
    private final List<Caller> callers = new ArrayList<>();
    private final Histogram latency = Latencies.histogram();
    private long calls;

    CallLoad(int reducer, int connections, int inFlight) {
        this.reducer = reducer;
        this.connections = connections;
        this.inFlight = inFlight;
    }

    /** One connection: as soon as calls have their results, as many others are made. */
    private final class Caller implements V3Messages.Listener {
        private final WsLink link;
        private final BsatnWriter out = new BsatnWriter();
        private final long[] sentNanos = new long[inFlight];
        private int called;
        private int answered;

        Caller(WsLink link) {
            this.link = link;
            link.receive((buffer, offset, length) -> {
                V3Messages.read(buffer, offset, length, this);
                callOn();
            });
        }

        void callOn() {
            out.reset();
            while (called - answered < inFlight) {
                sentNanos[called % inFlight] = System.nanoTime();
                V3Messages.writeCall(called++, reducer == EMPTY ? "empty" : "transfer", arguments(), out);
            }
            if (out.length() > 0) {
                link.send(out.buffer(), out.length());
            }
        }

        @Override
        public void committed(int requestId) {
            latency.recordValue(System.nanoTime() - sentNanos[requestId % inFlight]);
            answered++;
            calls++;
        }
    }

    private BsatnWriter arguments() {
        arguments.reset();
        if (reducer == TRANSFER) {
            int from = random.nextInt(ACCOUNTS);
            int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
            arguments.writeLong(from + 1L).writeLong(to + 1L).writeLong(1);
        }
        return arguments;
    }

    @Override
    public void prepare(WsLinks links) throws IOException {
        for (int i = 0; i < connections; i++) {
            callers.add(new Caller(links.open()));
        }
    }

    @Override
    public void run(WsLinks links, long untilNanos) throws IOException {
        for (Caller caller : callers) {
            caller.callOn();
            caller.link.flush();
        }
        while (System.nanoTime() < untilNanos) {
            links.turn(100);
        }
    }

    @Override
    public void reset() {
        latency.reset();
        calls = 0;
    }

    @Override
    public Map<String, Double> figures() {
        return Latencies.figures("calls", calls, latency);
    }
}
