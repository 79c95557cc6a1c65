package io.pinion.actors.core;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The cores of one actor system, and the registry of what runs on them. Threadsafe. */
public final class CoreSet {
    private final CpuReservation cpus;
    private final List<Core> cores;
    private final int defaultWeight;
    private final Monitor monitor;
    private final LongAdder rebinds = new LongAdder();
    private final AtomicInteger next = new AtomicInteger();
    private final ConcurrentMap<String, CoreBoundDispatcher> registry = new ConcurrentHashMap<>();

    private CoreSet(CpuReservation cpus, List<Core> cores, Monitor monitor, int defaultWeight) {
        this.cpus = cpus;
        this.cores = cores;
        this.monitor = monitor;
        this.defaultWeight = defaultWeight;
    }

    static CoreSet start(CoreSettings settings, FairnessSettings fairness) {
        return start(CpuReservation.take(settings), settings, fairness);
    }

    static CoreSet start(CpuReservation cpus, CoreSettings settings, FairnessSettings fairness) {
        List<Core> cores = IntStream.range(0, cpus.cores())
                .mapToObj(index -> new Core(
                        index,
                        cpus.placement(),
                        settings.stackBytes(),
                        settings.spin().toNanos(),
                        fairness.slice().toNanos()))
                .toList();
        cores.forEach(Core::start);
        Monitor monitor = Monitor.start(fairness.slice());
        if (fairness.isHandOffOn()) {
            monitor.add(HandOff.sampler(cores, fairness));
        }
        return new CoreSet(cpus, cores, monitor, settings.defaultWeight());
    }

    public int count() {
        return cores.size();
    }

    /**
     * Enters what runs under a name, in place of what was there.
     *
     * @throws IllegalArgumentException if the dispatcher runs on other cores
     */
    public void register(String name, CoreBoundDispatcher dispatcher) {
        if (dispatcher.cores() != this) {
            throw new IllegalArgumentException("the dispatcher of " + name + " runs on the cores of another system");
        }
        dispatcher.binding().name(name);
        registry.put(name, dispatcher);
    }

    /** Removes it, unless another stands under its name by now. */
    public void unregister(String name, CoreBoundDispatcher dispatcher) {
        registry.remove(name, dispatcher);
    }

    /**
     * Binds what is registered under a name to another core, past its mailbox and its core's run queue.
     *
     * @return false if nothing is registered under the name
     * @throws IllegalArgumentException if there is no such core
     */
    public boolean rebind(String name, int core) {
        Core target = core(core);
        @Nullable CoreBoundDispatcher dispatcher = registry.get(name);
        if (dispatcher == null) {
            return false;
        }
        dispatcher.rebind(target.index());
        return true;
    }

    /**
     * Gives what is registered under a name another weight.
     *
     * @return false if nothing is registered under the name
     * @throws IllegalArgumentException if the weight is not between 1 and 10,000
     */
    public boolean weight(String name, int weight) {
        Binding.checkWeight(weight);
        @Nullable CoreBoundDispatcher dispatcher = registry.get(name);
        if (dispatcher == null) {
            return false;
        }
        dispatcher.weight(weight);
        return true;
    }

    /** One per core, by number. Disturbs no core. */
    public List<CoreLoad> cores() {
        return cores.stream().map(Core::load).toList();
    }

    /** One per registered name, in no order. Disturbs no core. */
    public List<BindingLoad> bindings() {
        Map<Binding, RunningTurns> running = runningTurns();
        return registry.entrySet().stream()
                .map(entry -> load(entry.getKey(), entry.getValue().binding(), running))
                .toList();
    }

    void noteRebind() {
        rebinds.increment();
    }

    /** How often something was bound to a core anew, the same one included. */
    public long rebinds() {
        return rebinds.sum();
    }

    Map<Binding, RunningTurns> runningTurns() {
        return RunningTurns.of(cores.stream()
                        .flatMap(core -> core.crew().workers().stream())
                        .toList())
                .byBinding();
    }

    static BindingLoad load(String name, Binding binding, Map<Binding, RunningTurns> running) {
        return binding.load(name, running.getOrDefault(binding, RunningTurns.NONE));
    }

    public Monitor monitor() {
        return monitor;
    }

    /** @throws IllegalArgumentException if there is no such core */
    Core core(int index) {
        if (index < 0 || index >= cores.size()) {
            throw new IllegalArgumentException("there is no core " + index + ": this node has " + cores.size());
        }
        return cores.get(index);
    }

    /** The weight of what was given none. */
    int defaultWeight() {
        return defaultWeight;
    }

    /** Where the next database goes: one after the other. */
    Core assign() {
        return cores.get(Math.floorMod(next.getAndIncrement(), cores.size()));
    }

    void close() {
        monitor.close();
        cores.forEach(Core::close);
        cpus.close();
    }
}
