package io.pinion.journal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.Props;
import org.apache.pekko.persistence.AbstractPersistentActor;
import org.apache.pekko.persistence.RecoveryCompleted;

/**
 * Events of 200 bytes per second through persistent actors, beside a loop that appends as many to a file and syncs it.
 * Run by hand: {@code CommitBenchmark <directory on the disk to measure> [seconds]}.
 */
final class CommitBenchmark {
    private static final int EVENT_BYTES = 200;
    private static final int[] IN_FLIGHT = {1, 64, 1024};
    private static final int ROUNDS = 3;

    private final Path directory;
    private final long nanos;
    private final PrintStream out = System.out;

    private CommitBenchmark(Path directory, long seconds) {
        this.directory = directory;
        this.nanos = TimeUnit.SECONDS.toNanos(seconds);
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        long seconds = arguments.length > 1 ? Long.parseLong(arguments[1]) : 3;
        new CommitBenchmark(Path.of(arguments[0]), seconds).run();
    }

    private void run() throws IOException, InterruptedException {
        out.printf(
                "%-8s %-10s %14s %14s %14s %12s%n",
                "round", "in flight", "append/s", "one actor/s", "actors/s", "per sync");
        for (int round = 1; round <= ROUNDS; round++) {
            for (int inFlight : IN_FLIGHT) {
                double appended = append(inFlight);
                Measured one = persist(1, inFlight);
                Measured many = persist(inFlight, 1);
                out.printf(
                        "%-8d %-10d %,14.0f %,14.0f %,14.0f %6.0f/%-6.0f%n",
                        round, inFlight, appended, one.perSecond(), many.perSecond(), one.perSync(), many.perSync());
            }
        }
    }

    private record Measured(double perSecond, double perSync) {}

    private double append(int batch) throws IOException {
        Path file = Files.createTempFile(directory, "append", ".log");
        ByteBuffer events = ByteBuffer.allocateDirect(batch * EVENT_BYTES);
        long count = 0;
        long started = System.nanoTime();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            while (System.nanoTime() - started < nanos) {
                events.clear();
                while (events.hasRemaining()) {
                    channel.write(events);
                }
                channel.force(false);
                count += batch;
            }
        }
        double perSecond = perSecond(count, System.nanoTime() - started);
        Files.delete(file);
        return perSecond;
    }

    private Measured persist(int actors, int inFlight) throws IOException, InterruptedException {
        Path store = Files.createTempDirectory(directory, "journal");
        LongAdder persisted = new LongAdder();
        try (JournalNode node = JournalNode.start(store)) {
            CountDownLatch ready = new CountDownLatch(actors);
            for (int i = 0; i < actors; i++) {
                node.system().actorOf(Loader.props("loader-" + i, inFlight, persisted, ready));
            }
            if (!ready.await(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("the actors did not recover within a minute");
            }
            TimeUnit.SECONDS.sleep(1);
            long before = persisted.sum();
            long batchesBefore = node.store().metrics().batches();
            long started = System.nanoTime();
            TimeUnit.NANOSECONDS.sleep(nanos);
            long count = persisted.sum() - before;
            long elapsedNanos = System.nanoTime() - started;
            long batches = node.store().metrics().batches() - batchesBefore;
            return new Measured(perSecond(count, elapsedNanos), (double) count / Math.max(1, batches));
        }
    }

    private static double perSecond(long count, long elapsedNanos) {
        return count * (double) TimeUnit.SECONDS.toNanos(1) / elapsedNanos;
    }

    /** Keeps a number of events in flight: each one that is persisted asks for the next. */
    private static final class Loader extends AbstractPersistentActor {
        private final String id;
        private final int inFlight;
        private final LongAdder persisted;
        private final CountDownLatch ready;
        private final byte[] event = new byte[EVENT_BYTES];

        private Loader(String id, int inFlight, LongAdder persisted, CountDownLatch ready) {
            this.id = id;
            this.inFlight = inFlight;
            this.persisted = persisted;
            this.ready = ready;
        }

        static Props props(String id, int inFlight, LongAdder persisted, CountDownLatch ready) {
            return Props.create(Loader.class, () -> new Loader(id, inFlight, persisted, ready));
        }

        @Override
        public String persistenceId() {
            return id;
        }

        @Override
        public AbstractActor.Receive createReceiveRecover() {
            return receiveBuilder()
                    .match(RecoveryCompleted.class, _ -> {
                        ready.countDown();
                        for (int i = 0; i < inFlight; i++) {
                            getSelf().tell("next", getSelf());
                        }
                    })
                    .build();
        }

        @Override
        public AbstractActor.Receive createReceive() {
            return receiveBuilder()
                    .matchEquals(
                            "next",
                            _ -> persistAsync(event, _ -> {
                                persisted.increment();
                                getSelf().tell("next", getSelf());
                            }))
                    .build();
        }
    }
}
