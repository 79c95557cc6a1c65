package io.pinion.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Plain actors on any dispatcher. */
final class ActorNeighbours implements Neighbours {
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private record Ping(ActorRef<Done> replyTo) {}

    private enum Burn {
        ON
    }

    private final BenchSystem system;
    private final List<ActorRef<Ping>> quiet;
    private final List<ActorRef<Burn>> hogs;
    private final long burnNanos;
    private volatile boolean isClosed;

    /** @param system is closed with this */
    ActorNeighbours(BenchSystem system, Props props, int quiet, int hogs, Duration burn) {
        this.system = system;
        this.burnNanos = burn.toNanos();
        this.quiet = IntStream.range(0, quiet)
                .mapToObj(_ -> system.spawn(answering(), props))
                .toList();
        this.hogs = IntStream.range(0, hogs)
                .mapToObj(_ -> system.spawn(burning(), props))
                .toList();
    }

    private static Behavior<Ping> answering() {
        return Behaviors.receiveMessage(ping -> {
            ping.replyTo().tell(Done.getInstance());
            return Behaviors.same();
        });
    }

    private Behavior<Burn> burning() {
        return Behaviors.receive((context, _) -> {
            burn();
            context.getSelf().tell(Burn.ON);
            return isClosed ? Behaviors.stopped() : Behaviors.same();
        });
    }

    private void burn() {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < burnNanos && !isClosed) {
            Thread.onSpinWait();
        }
    }

    @Override
    public CompletionStage<Boolean> callQuiet(int index) {
        CompletionStage<Done> answer = AskPattern.ask(
                quiet.get(index), Ping::new, TIMEOUT, system.system().scheduler());
        return answer.thenApply(_ -> true);
    }

    @Override
    public void startBurning() {
        hogs.forEach(hog -> hog.tell(Burn.ON));
    }

    @Override
    public void close() throws IOException {
        isClosed = true;
        system.close();
    }
}
