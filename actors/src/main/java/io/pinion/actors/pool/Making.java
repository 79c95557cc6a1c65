package io.pinion.actors.pool;

import io.pinion.modules.Instance;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One instance on its way from a worker to who ordered it; it has exactly one owner throughout, whoever dies when.
 * Threadsafe.
 *
 * <p>Ordered → running: a worker takes it up. Running → made or failed: the worker is done and tells. Made → taken: it
 * belongs to who ordered it. Ordered, made or failed → cancelled: it is not wanted any more, and closed if it exists. Running →
 * unwanted → cancelled: the worker closes it when it is done.
 */
public final class Making implements Runnable {
    private enum Phase {
        ORDERED,
        RUNNING,
        UNWANTED,
        MADE,
        FAILED,
        TAKEN,
        CANCELLED
    }

    private final Module module;
    private final InstanceHost host;
    private final Consumer<Instance> closer;
    private final Consumer<Making> whenEnded;
    private Phase phase = Phase.ORDERED;
    private @Nullable Instance instance;
    private @Nullable Throwable failure;

    /**
     * @param closer runs on any thread
     * @param whenEnded runs on the worker, whether it was made, failed or had become unwanted; not if it was cancelled
     *     before it was begun
     */
    Making(Module module, InstanceHost host, Consumer<Instance> closer, Consumer<Making> whenEnded) {
        this.module = module;
        this.host = host;
        this.closer = closer;
        this.whenEnded = whenEnded;
    }

    /**
     * Has an instance made.
     *
     * @param whenEnded as in the constructor
     * @throws RejectedExecutionException if the workers have too much to do
     */
    public static Making start(Workers workers, Module module, InstanceHost host, Consumer<Making> whenEnded) {
        Making making = new Making(module, host, workers::close, whenEnded);
        making.startOn(workers.keyed(module));
        return making;
    }

    void startOn(Executor executor) {
        executor.execute(this);
    }

    /** On a worker. */
    @Override
    @SuppressWarnings("IllegalCatch") // an initialiser may provoke any error; who ordered the instance is told
    public void run() {
        if (!begin()) {
            return;
        }
        Instance made = null;
        Throwable problem = null;
        try {
            made = module.instantiate(host);
        } catch (Throwable e) {
            problem = e;
        }
        if (end(made, problem) && made != null) {
            closer.accept(made);
        }
        whenEnded.accept(this);
    }

    private synchronized boolean begin() {
        if (phase != Phase.ORDERED) {
            return false;
        }
        phase = Phase.RUNNING;
        return true;
    }

    /** @return whether what was made is unwanted */
    private synchronized boolean end(@Nullable Instance made, @Nullable Throwable problem) {
        if (phase == Phase.UNWANTED) {
            phase = Phase.CANCELLED;
            return true;
        }
        instance = made;
        failure = problem;
        phase = made == null ? Phase.FAILED : Phase.MADE;
        return false;
    }

    /** The instance, which belongs to the caller from now on; null if it was not made, or was cancelled. */
    public synchronized @Nullable Instance take() {
        if (phase != Phase.MADE) {
            return null;
        }
        phase = Phase.TAKEN;
        return instance;
    }

    /** Whether it had become unwanted before it was made. */
    synchronized boolean isCancelled() {
        return phase == Phase.CANCELLED;
    }

    /** Why it was not made. */
    public synchronized Throwable failure() {
        Throwable problem = failure;
        return problem == null ? new InvalidModuleException("the module made no instance") : problem;
    }

    /**
     * It is not wanted any more.
     *
     * @return whether a worker is still at it, and will tell when it is done
     */
    public boolean cancel() {
        Instance made;
        synchronized (this) {
            if (phase == Phase.RUNNING || phase == Phase.UNWANTED) {
                phase = Phase.UNWANTED;
                return true;
            }
            made = phase == Phase.MADE ? instance : null;
            if (phase != Phase.TAKEN) {
                phase = Phase.CANCELLED;
            }
        }
        if (made != null) {
            closer.accept(made);
        }
        return false;
    }
}
