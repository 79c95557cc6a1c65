package io.pinion.journal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Reads, most of them after writes. */
final class Futures {
    private Futures() {}

    /** Runs {@code read} on {@code executor} once {@code before} is done; fails with the reason itself, not wrapped. */
    static <T> CompletableFuture<T> readAfter(CompletableFuture<Void> before, Executor executor, Supplier<T> read) {
        CompletableFuture<T> result = new CompletableFuture<>();
        var _ = before.thenApplyAsync(_ -> read.get(), executor).whenComplete((value, failure) -> {
            if (failure == null) {
                result.complete(value);
            } else {
                result.completeExceptionally(unwrapped(failure));
            }
        });
        return result;
    }

    /** As {@link #readAfter}, after nothing. */
    static <T> CompletableFuture<T> read(Executor executor, Supplier<T> read) {
        return readAfter(CompletableFuture.completedFuture(null), executor, read);
    }

    private static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }
}
