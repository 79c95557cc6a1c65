package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.node.Bank;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Confirmed clients of every protocol at several nodes, that change, query and follow the database of {@code model.js} without
 * a pause: see {@link ModelCrowd}. They act on a thread of their own; used by another one.
 */
public final class ModelLoad implements AutoCloseable {
    private static final int ARCHIVE_ROWS = 500;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ModelCrowd crowd;
    private final long seed;
    private final AtomicInteger rounds = new AtomicInteger();
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final FutureTask<@Nullable Void> acting = new FutureTask<>(this::act);

    private ModelLoad(ModelCrowd crowd, long seed) {
        this.crowd = crowd;
        this.seed = seed;
    }

    /** Makes the database. */
    public static void publish(Bank owner, Path directory) throws Exception {
        Path program = directory.resolve("model.js");
        try (InputStream in = ModelLoad.class.getResourceAsStream("model.js")) {
            Files.write(program, Objects.requireNonNull(in).readAllBytes());
        }
        HttpResponse<String> published = owner.publish(program);
        assertEquals(200, published.statusCode(), published.body());
        HttpResponse<String> filled = owner.call("fill", "[1000," + ARCHIVE_ROWS + "]");
        assertEquals(200, filled.statusCode(), filled.body());
    }

    /** @param nodes where clients are, each protocol at every one; they have to stay */
    public static ModelLoad start(List<URI> nodes, String database, long seed) throws Exception {
        System.out.println("subscription model: seed " + seed);
        // What becomes of views while their database is lost is not known.
        ModelCrowd crowd = new ModelCrowd(seed, false);
        ModelLoad load = new ModelLoad(crowd, seed);
        for (Protocol protocol : Protocol.values()) {
            for (URI node : nodes) {
                crowd.add(ModelClient.connect(node, database, protocol, "compression=None&confirmed=true"));
            }
        }
        Thread.ofPlatform().name("model-load").start(load.acting);
        return load;
    }

    private @Nullable Void act() throws Exception {
        while (!isOver.get()) {
            crowd.act();
            crowd.settle(rounds.incrementAndGet() % 4 == 0);
        }
        crowd.settle(true);
        crowd.requireEverythingHappened();
        return null;
    }

    /** Returns when clients have acted and were answered so many times more. */
    public void awaitRounds(int count) throws Exception {
        int wanted = rounds.get() + count;
        long begin = System.nanoTime();
        while (rounds.get() < wanted) {
            if (acting.isDone()) {
                requireWell();
            }
            assertTrue(
                    System.nanoTime() - begin < PATIENCE.toNanos(),
                    () -> "seed " + seed + ": clients are not answered");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Ends in order: what every client was told has to add up to what there is. */
    public void finish() throws Exception {
        isOver.set(true);
        requireWell();
    }

    private void requireWell() throws Exception {
        try {
            acting.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("seed " + seed + ": " + e.getCause(), e.getCause());
        }
    }

    @Override
    public void close() {
        isOver.set(true);
        acting.cancel(true);
        crowd.close();
    }
}
