package io.pinion.actors.database;

import io.pinion.actors.pool.Workers;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Hashes;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The modules of a node, each compiled once however many databases run it, for as long as one does. Threadsafe; loading
 * runs on the workers.
 */
final class ModuleCache {
    private final Engine engine;
    private final ModuleLimits limits;
    private final Workers workers;
    private final Map<Bytes, CompletableFuture<Module>> loading = new HashMap<>();
    private final Map<Bytes, WeakReference<Module>> loaded = new HashMap<>();

    /** @param hash Keccak-256 of the program */
    record Loaded(Bytes hash, Module module) {}

    ModuleCache(Engine engine, ModuleLimits limits, Workers workers) {
        this.engine = engine;
        this.limits = limits;
        this.workers = workers;
    }

    /**
     * Completes with the module; fails with {@link InvalidModuleException}, or with
     * {@link java.util.concurrent.RejectedExecutionException} if the workers have too much to do.
     */
    CompletableFuture<Loaded> load(Bytes program) {
        return CompletableFuture.supplyAsync(() -> Hashes.keccak256(program), workers)
                .thenCompose(hash -> load(hash, program).thenApply(module -> new Loaded(hash, module)));
    }

    /** As {@link #load(Bytes)}, with the hash at hand. */
    CompletableFuture<Module> load(Bytes hash, Bytes program) {
        CompletableFuture<Module> result;
        synchronized (this) {
            Module module = find(hash);
            if (module != null) {
                return CompletableFuture.completedFuture(module);
            }
            CompletableFuture<Module> running = loading.get(hash);
            if (running != null) {
                return running;
            }
            result = new CompletableFuture<>();
            loading.put(hash, result);
        }
        compile(hash, program, result);
        return result;
    }

    private void compile(Bytes hash, Bytes program, CompletableFuture<Module> result) {
        try {
            CompletableFuture<Module> _ = CompletableFuture.supplyAsync(() -> compile(program), workers.keyed(hash))
                    .whenComplete((module, failure) -> {
                        end(hash, module);
                        if (module == null) {
                            result.completeExceptionally(cause(failure));
                        } else {
                            result.complete(module);
                        }
                    });
        } catch (RuntimeException e) {
            end(hash, null);
            result.completeExceptionally(e);
        }
    }

    private Module compile(Bytes program) {
        try {
            return engine.load(program, limits);
        } catch (InvalidModuleException e) {
            throw new CompletionException(e);
        }
    }

    private synchronized @Nullable Module find(Bytes hash) {
        WeakReference<Module> reference = loaded.get(hash);
        return reference == null ? null : reference.get();
    }

    private synchronized void end(Bytes hash, @Nullable Module module) {
        loading.remove(hash);
        loaded.values().removeIf(reference -> reference.get() == null);
        if (module != null) {
            loaded.put(hash, new WeakReference<>(module));
        }
    }

    private static Throwable cause(@Nullable Throwable failure) {
        if (failure == null) {
            return new InvalidModuleException("the engine made no module of the program");
        }
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }
}
