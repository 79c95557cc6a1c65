package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.table.TableRows;
import io.pinion.store.tx.Delta.SequencePosition;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All tables of a datastore as they were after some commit, for reading while the writer goes on. Made by
 * {@link Datastore#freeze}.
 *
 * <p><b>Threads.</b> Made on the writer's thread, between transactions. Read on any threads, each with a
 * {@link #reader} of its own. Closed on any thread; reads that are running then end properly, and what they read is kept
 * until they have. Whoever hands a view to another thread must do so as with any object: in a message, a future, a
 * volatile field. What the reader then sees was written before the handing over; and the writer changes nothing of it
 * as long as the view is open, but makes copies, which the view does not refer to.
 *
 * <p><b>Cost.</b> Making one copies no rows and no index entries: a few hundred bytes per table and index. While it is
 * open, the first change after its making to each page of rows copies that page (16 KiB at most, rows above 4 KiB never),
 * and the first change to each piece of an index copies the piece: a node and those above it (1 KiB each) of an ordered
 * index, 8 KiB of a hash index, 4 KiB of a direct one. So the most it can ever cost is the size of the tables and
 * indexes as they were, however long it is open. Views at the same time share their copies. Closing makes all of that
 * garbage and stops the copying from the next transaction on. Reading by index works as in a transaction and costs
 * the same.
 */
public final class FrozenView implements AutoCloseable {
    private final String name;
    private final ViewLease lease;
    private volatile @Nullable Contents contents;

    /**
     * Never changed.
     *
     * @param rows of the tables that took memory, by id
     * @param nextValues of their sequences
     */
    record Contents(
            Schema schema,
            @Nullable ModuleFacts facts,
            Map<Integer, TableRows> rows,
            Map<SequenceAt, BigInteger> nextValues) {
        BigInteger nextValue(TableSchema table, SequenceDef sequence) {
            BigInteger next = nextValues.get(new SequenceAt(table.id(), sequence.column()));
            return next == null ? sequence.start() : next;
        }
    }

    record SequenceAt(int tableId, int column) {}

    FrozenView(
            String name,
            ReferenceQueue<FrozenView> unreachable,
            long number,
            Catalog catalog,
            @Nullable ModuleFacts facts) {
        this.name = name;
        this.lease = new ViewLease(this, unreachable, number, name);
        Map<Integer, TableRows> rows = new HashMap<>();
        Map<SequenceAt, BigInteger> nextValues = new HashMap<>();
        for (TableState state : catalog.madeTables()) {
            rows.put(state.id, state.table.frozen());
            for (Sequence sequence : state.sequences) {
                nextValues.put(new SequenceAt(state.id, sequence.def.column()), sequence.next());
            }
        }
        catalog.hostTables().forEach(state -> rows.put(state.id, state.table.frozen()));
        this.contents = new Contents(catalog.schema(), facts, Map.copyOf(rows), Map.copyOf(nextValues));
    }

    ViewLease lease() {
        return lease;
    }

    /** The definition that the tables were made for. Threadsafe, as all methods here. */
    public ModuleDef module() {
        return contents().schema.module();
    }

    /**
     * Every table whose rows a database is made of, by ascending id: of the system's those that the host has written, and
     * all of the module's. Rows of views are not among them.
     */
    public List<TableInfo> tables() {
        Contents all = contents();
        List<TableInfo> tables = new ArrayList<>();
        for (TableSchema table : SystemSchema.TABLES) {
            if (all.rows.containsKey(table.id())) {
                tables.add(table.info());
            }
        }
        all.schema.moduleTables().forEach(table -> tables.add(table.info()));
        return tables;
    }

    /** Of whatever kind, by canonical name, else by source name. */
    public Optional<TableInfo> table(String tableName) {
        Schema schema = contents().schema;
        return Optional.ofNullable(schema.table(schema.tableId(tableName))).map(TableSchema::info);
    }

    /** Where every sequence of the module stands, by ascending table and column. */
    public List<SequencePosition> sequences() {
        Contents all = contents();
        List<SequencePosition> positions = new ArrayList<>();
        for (TableSchema table : all.schema.moduleTables()) {
            table.def().sequences().stream()
                    .sorted(Comparator.comparingInt(SequenceDef::column))
                    .forEach(sequence -> positions.add(
                            new SequencePosition(table.id(), sequence.column(), all.nextValue(table, sequence))));
        }
        return positions;
    }

    /** As {@link #reader(BooleanSupplier)}, without a stop. */
    public RowSource reader() {
        return reader(() -> false);
    }

    /**
     * Reads the view, on one thread at a time. Its operations throw {@link IllegalStateException} once the view is
     * closed. There is nothing to close in a reader.
     *
     * @param stopRequested asked every 1,024 rows of a long operation, which then throws
     *     {@link OperationStoppedException}; must be fast
     */
    public RowSource reader(BooleanSupplier stopRequested) {
        return new FrozenReader(this, stopRequested, contents());
    }

    /** The rows of a table that exists, for one thread. To be read between {@link #enter} and {@link #leave}. */
    TableRows rows(int tableId) {
        return Objects.requireNonNull(contents().rows.get(tableId)).frozen();
    }

    /** Begins a read; {@link #leave} must follow. */
    void enter() {
        if (!lease.enter()) {
            throw closed();
        }
    }

    /** Also keeps this view reachable until the read is over. */
    void leave() {
        try {
            lease.leave();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private Contents contents() {
        Contents all = contents;
        if (all == null) {
            throw closed();
        }
        return all;
    }

    private IllegalStateException closed() {
        return new IllegalStateException("the frozen view of " + name + " has been closed");
    }

    /** Releases what the view holds. Does nothing the second time. */
    @Override
    public void close() {
        contents = null;
        lease.close();
    }
}
