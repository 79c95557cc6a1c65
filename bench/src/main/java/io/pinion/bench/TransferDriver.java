package io.pinion.bench;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.store.value.BsatnWriter;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Keeps a fixed number of transfers in flight to one database for a while, and measures how long each took. Answers of one
 * database leave in commit order, so the oldest call that waits is the one that is answered.
 */
final class TransferDriver extends AbstractBehavior<Database.CallOutcome> {
    /**
     * What a run is to do.
     *
     * @param accounts ids run from 1 to this
     */
    record Load(ActorRef<Command> database, Caller caller, int accounts, int inFlight, long nanos, long seed) {}

    /** What a run has done; the histogram is in nanoseconds. */
    record Result(long calls, long errors, long elapsedNanos, Histogram latency) {}

    private final Load load;
    private final CompletableFuture<Result> done;
    private final ActorRef<Database.CallOutcome> self;
    private final SplittableRandom random;
    private final Histogram latency = new Histogram(60_000_000_000L, 3);
    private final long[] startedNanos;
    private final long beginNanos = System.nanoTime();
    private int head;
    private int waiting;
    private long calls;
    private long errors;

    private TransferDriver(ActorContext<Database.CallOutcome> context, Load load, CompletableFuture<Result> done) {
        super(context);
        this.load = load;
        this.done = done;
        this.self = context.getSelf();
        this.random = new SplittableRandom(load.seed());
        this.startedNanos = new long[load.inFlight()];
        for (int i = 0; i < load.inFlight(); i++) {
            send(beginNanos);
        }
    }

    /** Completes {@code done} when the time is over and the last answer has come. */
    static Behavior<Database.CallOutcome> create(Load load, CompletableFuture<Result> done) {
        return Behaviors.setup(context -> new TransferDriver(context, load, done));
    }

    @Override
    public Receive<Database.CallOutcome> createReceive() {
        return newReceiveBuilder()
                .onMessage(Database.CallOutcome.class, this::onOutcome)
                .build();
    }

    private Behavior<Database.CallOutcome> onOutcome(Database.CallOutcome outcome) {
        long now = System.nanoTime();
        latency.recordValue(now - startedNanos[head]);
        head = (head + 1) % startedNanos.length;
        waiting--;
        calls++;
        if (!(outcome instanceof Database.Committed)) {
            errors++;
        }
        if (now - beginNanos < load.nanos()) {
            send(now);
            return this;
        }
        if (waiting > 0) {
            return this;
        }
        done.complete(new Result(calls, errors, now - beginNanos, latency));
        return Behaviors.stopped();
    }

    private void send(long now) {
        startedNanos[(head + waiting) % startedNanos.length] = now;
        waiting++;
        long from = 1L + random.nextInt(load.accounts());
        long to = 1L + (from + random.nextInt(load.accounts() - 1)) % load.accounts();
        BsatnWriter arguments =
                new BsatnWriter(24).writeLong(from).writeLong(to).writeLong(1);
        load.database()
                .tell(new Command.CallReducer(
                        "transfer",
                        new Arguments.Bsatn(arguments.toBytes()),
                        load.caller(),
                        RequestId.NONE,
                        true,
                        Database.NO_DEADLINE,
                        self));
    }
}
