package io.pinion.bench;

import io.pinion.store.value.BsatnWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One writer and many subscribers of rows that it changes. The writer takes from accounts in turn, one at a time, so that a
 * balance tells which transaction a subscriber hears of. So many transactions are under way at a time: one is over when
 * everybody who subscribes to its row has it.
 */
final class FanoutLoad implements WsDriver.Load {
    static final String KIND = "fanout";
    static final long OPENING_BALANCE = 1L << 50;
    private static final long WAIT_NANOS_MAX = TimeUnit.MINUTES.toNanos(2);

    private final Queries queries;
    private final int subscribers;
    private final int inFlight;
    private final Histogram latency = Latencies.histogram();
    private final BsatnWriter arguments = new BsatnWriter();
    private final BsatnWriter out = new BsatnWriter();
    private final long[] sentNanos;
    private final int[] heard;
    private @Nullable WsLink writer;
    private long sent;
    private long done;
    private long transactions;
    private int ready;
    private boolean isEnding;

    /** What the subscribers ask for. */
    enum Queries {
        /** All the same. */
        ONE(1),
        /** Each something else, and each gets every change. */
        DIFFERENT(2),
        /** Each another row, and of each change one of them hears. */
        KEYED(3);

        private final int code;

        Queries(int code) {
            this.code = code;
        }

        /** Its number on the command line of the driver. */
        int code() {
            return code;
        }

        static Queries of(int code) {
            return Arrays.stream(values())
                    .filter(queries -> queries.code == code)
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("there are no queries of number " + code));
        }

        String sql(int subscriber) {
            return switch (this) {
                case ONE -> "SELECT * FROM accounts WHERE id = 1";
                case DIFFERENT -> "SELECT * FROM accounts WHERE id = 1 AND balance > " + subscriber;
                case KEYED -> "SELECT * FROM accounts WHERE id = " + (subscriber + 1);
            };
        }

        int keys(int subscribers) {
            return this == KEYED ? subscribers : 1;
        }
    }

    FanoutLoad(Queries queries, int subscribers, int inFlight) {
        this.queries = queries;
        this.subscribers = subscribers;
        this.inFlight = inFlight;
        this.sentNanos = new long[inFlight];
        this.heard = new int[inFlight];
    }

    /** Who gets what, beside the account that everything goes to. */
    static int accounts(int subscribers) {
        return subscribers + 1;
    }

    private final class Subscriber implements V3Messages.Listener {
        @Override
        public void applied() {
            ready++;
        }

        @Override
        public void inserted(long account, long balance) {
            int keys = queries.keys(subscribers);
            long transaction = (OPENING_BALANCE - balance - 1) * keys + account - 1;
            int slot = (int) (transaction % inFlight);
            latency.recordValue(System.nanoTime() - sentNanos[slot]);
            heard[slot]++;
            if (heard[slot] == (queries == Queries.KEYED ? 1 : subscribers)) {
                heard[slot] = 0;
                sentNanos[slot] = 0;
                done++;
                transactions++;
            }
        }
    }

    @Override
    public void prepare(WsLinks links) throws IOException {
        long end = System.nanoTime() + WAIT_NANOS_MAX;
        links.open(subscribers, (link, number) -> {
            Subscriber subscriber = new Subscriber();
            link.receive((buffer, offset, length) -> V3Messages.read(buffer, offset, length, subscriber));
            out.reset();
            V3Messages.writeSubscribe(queries.sql(number), out);
            link.send(out.buffer(), out.length());
            link.flush();
        });
        while (ready < subscribers) {
            links.turn(100);
            if (System.nanoTime() > end) {
                throw new IOException("only " + ready + " connections have their rows in time");
            }
        }
        WsLink link = links.open();
        link.receive((buffer, offset, length) -> V3Messages.read(buffer, offset, length, new V3Messages.Listener() {}));
        writer = link;
    }

    /** Makes as many calls as may be under way. */
    private void callOn() throws IOException {
        WsLink link = Objects.requireNonNull(writer);
        out.reset();
        while (!isEnding && sentNanos[(int) (sent % inFlight)] == 0) {
            sentNanos[(int) (sent % inFlight)] = System.nanoTime();
            arguments.reset();
            arguments
                    .writeLong(1 + sent % queries.keys(subscribers))
                    .writeLong(accounts(subscribers))
                    .writeLong(1);
            V3Messages.writeCall((int) sent, "transfer", arguments, out);
            sent++;
        }
        if (out.length() > 0) {
            link.send(out.buffer(), out.length());
            link.flush();
        }
    }

    @Override
    public void run(WsLinks links, long untilNanos) throws IOException {
        isEnding = false;
        while (System.nanoTime() < untilNanos) {
            callOn();
            links.turn(100);
        }
        isEnding = true;
        long end = System.nanoTime() + WAIT_NANOS_MAX;
        while (done < sent) { // so that what is measured next begins with nothing under way
            links.turn(100);
            if (System.nanoTime() > end) {
                throw new IOException("not everybody has heard of " + (sent - done) + " transactions in time");
            }
        }
    }

    @Override
    public void reset() {
        latency.reset();
        transactions = 0;
    }

    @Override
    public Map<String, Double> figures() {
        return Latencies.figures("transactions", transactions, latency);
    }
}
