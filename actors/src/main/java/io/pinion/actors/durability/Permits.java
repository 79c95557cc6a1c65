package io.pinion.actors.durability;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lets a bounded number of tasks run at a time; others wait in the order they came. Threadsafe. */
public final class Permits {
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private int left;

    /** @param countMax at least 1 */
    public Permits(int countMax) {
        left = countMax;
    }

    /**
     * Begins the task when it is its turn; another has its turn when the stage that it returned is complete.
     *
     * @return completes as the task does
     */
    @SuppressWarnings("IllegalCatch") // whatever a task throws is its outcome, and the next has its turn
    public <T> CompletionStage<T> run(Supplier<CompletionStage<T>> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        begin(() -> {
            CompletionStage<T> running;
            try {
                running = task.get();
            } catch (Throwable e) {
                running = CompletableFuture.failedStage(e);
            }
            var _ = running.whenComplete((value, failure) -> {
                ended();
                if (failure == null) {
                    result.complete(value);
                } else {
                    result.completeExceptionally(failure);
                }
            });
        });
        return result;
    }

    private void begin(Runnable task) {
        synchronized (this) {
            if (left == 0) {
                waiting.add(task);
                return;
            }
            left--;
        }
        task.run();
    }

    private void ended() {
        Runnable next = next();
        if (next != null) {
            next.run();
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable next = waiting.poll();
        if (next == null) {
            left++;
        }
        return next;
    }
}
