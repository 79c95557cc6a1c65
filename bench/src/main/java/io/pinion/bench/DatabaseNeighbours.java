package io.pinion.bench;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/** Databases with a module; the hogs' calls count for as long as they burn. */
final class DatabaseNeighbours implements Neighbours {
    /** Long enough for the loop to be compiled, short beside what is measured. */
    private static final long CALIBRATION_TURNS = 200_000_000;

    private final BenchSystem system;
    private final List<BenchDatabase> quiet;
    private final List<BenchDatabase> hogs;
    private final Arguments turns;
    private final List<CompletableFuture<Void>> ends = new ArrayList<>();
    private volatile boolean isClosed;

    /** @param system is closed with this; its time limit for reducers is longer than what is burnt */
    DatabaseNeighbours(BenchSystem system, Bytes program, int quiet, int hogs, Duration burn) {
        this.system = system;
        this.quiet = databases(program, quiet);
        this.hogs = databases(program, hogs);
        this.turns = turnsOf(burn);
    }

    private List<BenchDatabase> databases(Bytes program, int count) {
        return Stream.generate(() -> system.publish(program)).limit(count).toList();
    }

    private Arguments turnsOf(Duration burn) {
        Arguments calibration = turns(CALIBRATION_TURNS);
        quiet.getFirst().committed("burn", calibration);
        long nanos = quiet.getFirst().committed("burn", calibration).executionNanos();
        return turns((long) ((double) CALIBRATION_TURNS * burn.toNanos() / nanos));
    }

    private static Arguments turns(long count) {
        return new Arguments.Bsatn(new BsatnWriter().writeLong(count).toBytes());
    }

    @Override
    public CompletionStage<Boolean> callQuiet(int index) {
        return quiet.get(index).call("quick").thenApply(outcome -> outcome instanceof Database.Committed);
    }

    @Override
    public void startBurning() {
        for (BenchDatabase hog : hogs) {
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            burn(hog, end);
        }
    }

    private void burn(BenchDatabase hog, CompletableFuture<Void> end) {
        hog.call("burn", turns).whenComplete((outcome, failure) -> {
            if (failure != null || !(outcome instanceof Database.Committed)) {
                end.completeExceptionally(new IllegalStateException("a hog was answered " + outcome, failure));
            } else if (isClosed) {
                end.complete(null);
            } else {
                burn(hog, end);
            }
        });
    }

    /** Waits until the last calls have burnt. */
    @Override
    public void close() throws IOException {
        isClosed = true;
        ends.forEach(BenchSystem::await);
        system.close();
    }
}
