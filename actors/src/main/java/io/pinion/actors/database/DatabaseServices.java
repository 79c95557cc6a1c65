package io.pinion.actors.database;

import io.pinion.actors.core.Cores;
import io.pinion.actors.core.Monitor;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.JournalMeter;
import io.pinion.actors.durability.LogNames;
import io.pinion.actors.durability.LogReader;
import io.pinion.actors.durability.Programs;
import io.pinion.actors.durability.Recoveries;
import io.pinion.actors.durability.SideLogs;
import io.pinion.actors.log.ModuleLogs;
import io.pinion.actors.pool.Workers;
import io.pinion.actors.procedure.Egress;
import io.pinion.actors.procedure.ProcedureThreads;
import io.pinion.actors.schedule.Alarms;
import io.pinion.actors.snapshot.Snapshots;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.load.ModuleLoader;
import io.pinion.store.value.Identity;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.apache.pekko.actor.typed.ActorSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the databases of one node share. One per actor system: made before the first database, closed after the last.
 * Threadsafe.
 */
public final class DatabaseServices implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DatabaseServices.class);

    private final DatabaseSettings settings;
    private final RetiredCalls retired = new RetiredCalls();
    private final JournalMeter journalMeter = new JournalMeter();
    private final Clock clock;
    private final Workers workers;
    private final ModuleCache modules;
    private final ModuleLogs logs;
    private final Monitor looks;
    private final CallMonitor monitor;
    private final Programs programs;
    private final Recoveries recoveries;
    private final SideLogs sideLogs;
    private final Snapshots snapshots;
    private final Transfers transfers;
    private final ProcedureThreads procedureThreads;
    private final Egress egress;
    private final Alarms alarms = Alarms.start();
    private volatile WakeCatalogue wakes =
            (_, _) -> CompletableFuture.failedStage(new IllegalStateException("nobody here wakes databases"));

    private DatabaseServices(
            DatabaseSettings settings,
            Clock clock,
            Engine engine,
            Programs programs,
            Recoveries recoveries,
            SideLogs sideLogs,
            Transfers transfers,
            Egress egress,
            Monitor looks) {
        this.settings = settings;
        this.egress = egress;
        this.procedureThreads = ProcedureThreads.start(
                settings.procedure().threadsMax(), settings.procedure().stackBytes());
        this.recoveries = recoveries;
        this.sideLogs = sideLogs;
        this.snapshots = new Snapshots(
                settings.snapshot(), settings.durability().eventBytesMax(), sideLogs, recoveries, clock::epochMicros);
        this.transfers = transfers;
        this.looks = looks;
        this.clock = clock;
        this.programs = programs;
        workers = Workers.start(settings.pool().workers());
        modules = new ModuleCache(
                engine, ModuleLimits.DEFAULT.withWasmMemoryBytesMax(settings.wasmMemoryBytesMax()), workers);
        logs = new ModuleLogs(
                settings.dataDirectory().resolve("logs"), settings.log(), workers, InstantSource.system());
        monitor = new CallMonitor(
                settings.stuckAfter(),
                AllocatedBytes.JVM,
                new MemoryGuard(HeapGauge.ofThisJvm(), settings.heapGuardPercent()));
    }

    /**
     * Starts them with the settings of the system. Not to be called on a core thread: threads are started here.
     *
     * @throws com.typesafe.config.ConfigException if a setting is missing or out of its range; it names the key
     */
    public static DatabaseServices start(ActorSystem<?> system) {
        return start(system, ModuleLoader::load, Clock.SYSTEM);
    }

    static DatabaseServices start(ActorSystem<?> system, Engine engine, Clock clock) {
        DatabaseSettings settings = DatabaseSettings.of(system.settings().config());
        Programs programs = Programs.start(
                system,
                settings.durability().journalPluginId(),
                settings.durability().isJournalShared());
        LogReader reader = LogReader.of(system, settings.durability().readJournalId());
        Recoveries recoveries = new Recoveries(system, reader, settings.durability());
        SideLogs sideLogs = new SideLogs(system, settings.durability().journalPluginId());
        Egress egress = Egress.of(system, settings.procedure().http());
        Monitor looks = Cores.get(system).monitor();
        DatabaseServices services = new DatabaseServices(
                settings,
                clock,
                engine,
                programs,
                recoveries,
                sideLogs,
                new Transfers(system, settings.transfer()),
                egress,
                looks);
        Admissions.get(system);
        LateCommands.start(system);
        services.logs.start();
        looks.add(services.monitor);
        return services;
    }

    public DatabaseSettings settings() {
        return settings;
    }

    /** Without one, databases stay in memory. To be said before the first is started. */
    public void wakeBy(WakeCatalogue catalogue) {
        wakes = catalogue;
    }

    WakeCatalogue wakes() {
        return wakes;
    }

    Clock clock() {
        return clock;
    }

    /** What runs procedures. */
    ProcedureThreads procedureThreads() {
        return procedureThreads;
    }

    /** Requests of procedures to others. */
    Egress egress() {
        return egress;
    }

    /** What wakes databases when something of their schedules is due. */
    Alarms alarms() {
        return alarms;
    }

    Workers workers() {
        return workers;
    }

    ModuleCache modules() {
        return modules;
    }

    ModuleLogs logs() {
        return logs;
    }

    CallMonitor monitor() {
        return monitor;
    }

    /** The databases that are on this node now, in no order. */
    public List<DatabaseStatus> databases() {
        return monitor.databases().stream().map(Vitals::status).toList();
    }

    /** What is written to logs. */
    public JournalMeter journalMeter() {
        return journalMeter;
    }

    /** Calls of the databases that have left this node. */
    public RetiredCalls retired() {
        return retired;
    }

    /** What operators have ordered for a database; fails as the journal does. */
    CompletionStage<Orders> orders(Identity database) {
        return sideLogs.newest(LogNames.orders(database))
                .thenApply(event -> event.map(OrdersCodec::read).orElse(Orders.NONE));
    }

    /** @return completes when they are in the journal, fails as it does */
    CompletionStage<Long> writeOrders(Identity database, Orders orders) {
        String name = LogNames.orders(database);
        CompletionStage<Long> written = sideLogs.append(name, OrdersCodec.write(orders));
        var _ = written.thenCompose(sequenceNr -> sideLogs.trim(name, sequenceNr - 1))
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        warnOfOrders(database, failure);
                    }
                });
        return written;
    }

    void warnOfOrders(Identity database, Throwable failure) {
        log.warn("older orders for database {} stay in the journal: {}", database, failure.getMessage());
    }

    /** Of those databases that are on this node now and asked for, in no order. */
    public List<DatabaseLoad> loads(Predicate<Identity> which) {
        return monitor.databases().stream()
                .filter(vitals -> which.test(vitals.database()))
                .map(Vitals::load)
                .toList();
    }

    /** The snapshots of a database that are kept, oldest first; fails as the journal does. */
    public CompletionStage<List<IndexEntry.Snapshot>> snapshots(Identity database) {
        return recoveries.index(database).thenApply(Snapshots::kept);
    }

    Programs programs() {
        return programs;
    }

    Recoveries recoveries() {
        return recoveries;
    }

    SideLogs sideLogs() {
        return sideLogs;
    }

    Snapshots snapshots() {
        return snapshots;
    }

    Transfers transfers() {
        return transfers;
    }

    /** Ends its threads; lines of module logs that were appended before are written. */
    @Override
    public void close() {
        alarms.close();
        procedureThreads.close();
        looks.remove(monitor);
        monitor.close();
        transfers.close();
        snapshots.close();
        logs.close();
        workers.close();
    }
}
