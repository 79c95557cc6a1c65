package io.pinion.actors.database;

import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.LogEntry;
import io.pinion.actors.durability.LogReplay;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.actors.snapshot.Snapshots;
import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.ResolvedMigration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A database as its log says it is. Filled by the durability child, then handed to the database. If nobody wants it any
 * more, a long step of filling it ends with an {@link io.pinion.store.tx.OperationStoppedException}.
 */
final class RecoveredState implements LogReplay {
    private final RequestWindow requests;
    private final RecentCommits recent;
    private final Function<IndexEntry.Snapshot, Snapshots.Loaded> loader;
    private volatile boolean isUnwanted;
    private @Nullable Program program;
    private @Nullable Datastore store;
    private Orders orders = Orders.NONE;
    private boolean isDeleted;

    /** A state that nobody comes back to: as below, without recent commits. */
    RecoveredState(RequestWindow requests, Function<IndexEntry.Snapshot, Snapshots.Loaded> loader) {
        this(requests, new RecentCommits(0), loader);
    }

    /**
     * @param requests empty
     * @param recent empty
     * @param loader reads a state that was restored, and may block; throws if it is not whole
     */
    RecoveredState(
            RequestWindow requests, RecentCommits recent, Function<IndexEntry.Snapshot, Snapshots.Loaded> loader) {
        this.requests = requests;
        this.recent = recent;
        this.loader = loader;
    }

    @Override
    public void apply(long offset, LogEntry entry) {
        boolean isBeginning = entry instanceof LogEntry.Published || entry instanceof LogEntry.Restored;
        if (isDeleted && !isBeginning) {
            throw new IllegalStateException("offset " + offset + " follows the end of the database");
        }
        switch (entry) {
            case LogEntry.Transaction transaction -> {
                existing(offset).apply(transaction.delta(), this::isUnwanted);
                requests.keep(offset, transaction);
                recent.add(offset, transaction);
            }
            case LogEntry.Answered answered -> requests.keep(offset, answered);
            case LogEntry.ProcedureBegun begun -> requests.keep(offset, begun);
            case LogEntry.ProcedureReturned returned -> requests.keep(offset, returned);
            case LogEntry.Published published -> {
                publish(offset, published);
                recent.beginAnew(offset);
            }
            case LogEntry.Restored restored -> {
                restore(loader.apply(restored.state()));
                recent.beginAnew(offset);
                requests.end(restored.timestampMicros());
                isDeleted = false;
            }
            case LogEntry.Deleted deleted -> {
                requests.end(deleted.timestampMicros());
                isDeleted = true;
                program = null;
                store = null;
            }
        }
    }

    /** What operators have ordered. */
    void orders(Orders found) {
        orders = found;
    }

    Orders orders() {
        return orders;
    }

    /** Begins with a snapshot instead of nothing. */
    void restore(Snapshots.Loaded loaded) {
        IndexEntry.ProgramFacts facts = loaded.snapshot().program();
        store = loaded.store();
        recent.beginAnew(loaded.snapshot().offset());
        requests.restore(loaded.requests());
        program = Program.of(
                facts.owner(), facts.hostType(), facts.programHash(), loaded.definition(), facts.guestLibrary());
    }

    private Datastore existing(long offset) {
        Datastore existing = store;
        if (existing == null) {
            throw new IllegalStateException("offset " + offset + " comes before anything was published");
        }
        return existing;
    }

    private void publish(long offset, LogEntry.Published published) {
        ModuleDef definition = definition(offset, published);
        Datastore target;
        if (published.isFresh()) {
            target = Datastore.create(definition);
        } else {
            target = existing(offset);
            target.repeatUpdate(definition, ResolvedMigration.of(published.migration()), this::isUnwanted);
        }
        List<LogEntry.TableId> tables = tables(target);
        if (!tables.equals(published.tables())) {
            throw new IllegalStateException("the publish at offset " + offset + " made the tables " + published.tables()
                    + " and now makes " + tables);
        }
        target.apply(published.delta(), this::isUnwanted);
        store = target;
        isDeleted = false;
        program = Program.of(
                published.owner(), published.hostType(), published.programHash(), definition, published.guestLibrary());
    }

    private static ModuleDef definition(long offset, LogEntry.Published published) {
        try {
            return ModuleDef.of(published.definition());
        } catch (InvalidModuleDefException e) {
            throw new IllegalStateException(
                    "the definition published at offset " + offset + " is not valid: " + e.getMessage(), e);
        }
    }

    /** What a publish records of the tables it made. */
    static List<LogEntry.TableId> tables(Datastore store) {
        return store.tables().stream()
                .map(table -> new LogEntry.TableId(table.id(), table.name()))
                .toList();
    }

    /** Ends what is being done to it. Any thread. */
    void abandon() {
        isUnwanted = true;
    }

    private boolean isUnwanted() {
        return isUnwanted;
    }

    RequestWindow requests() {
        return requests;
    }

    /** The end of what was applied. */
    RecentCommits recent() {
        return recent;
    }

    /** Null if nothing was ever published, or if the database has ended. */
    @Nullable
    Program program() {
        return program;
    }

    /** Null as {@link #program}. */
    @Nullable
    Datastore store() {
        return store;
    }
}
