package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.table.IndexSpec;
import io.pinion.store.table.Table;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnReader;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Compares a catalogue with a new definition and makes the catalogue of that. Tables, indexes, constraints and sequences
 * are matched by canonical name. Nothing of the old catalogue is changed, so a refusal leaves no trace.
 */
final class SchemaUpdate {
    private final Catalog old;
    private final ModuleDef module;
    private final List<String> reasons = new ArrayList<>();
    private final List<String> steps = new ArrayList<>();
    private boolean disconnectsClients;

    SchemaUpdate(Catalog old, ModuleDef module) {
        this.old = old;
        this.module = module;
        for (TableState table : old.tables()) {
            newDef(table.def.name()).ifPresentOrElse(def -> compare(table, def), () -> compareRemoved(table));
        }
        for (TableDef def : Datastore.inIdOrder(module.tables())) {
            if (oldTable(def.name()).isEmpty()) {
                steps.add("add table " + def.name());
            }
        }
        compareViews();
    }

    List<String> reasons() {
        return reasons;
    }

    List<String> steps() {
        return steps;
    }

    boolean disconnectsClients() {
        return disconnectsClients;
    }

    private Optional<TableDef> newDef(String name) {
        return module.tables().stream()
                .filter(table -> table.name().equals(name))
                .findFirst();
    }

    private Optional<TableState> oldTable(String name) {
        return old.tables().stream()
                .filter(table -> table.def.name().equals(name))
                .findFirst();
    }

    private void compareRemoved(TableState table) {
        if (table.table.rowCount() > 0) {
            reasons.add("table " + table.def.name() + " cannot be removed: it has " + table.table.rowCount() + " rows");
        } else {
            steps.add("remove table " + table.def.name());
            disconnectsClients = true;
        }
    }

    private void compare(TableState table, TableDef def) {
        if (table.def.isEvent() != def.isEvent()) {
            reasons.add("table " + def.name() + " cannot " + (def.isEvent() ? "become" : "cease to be")
                    + " an event table");
            return;
        }
        int reasonsBefore = reasons.size();
        compareColumns(table.def, def);
        if (reasons.size() == reasonsBefore) {
            compareIndexes(table, def);
            compareConstraints(table, def);
            compareSequences(table, def);
        }
        compareRest(table.def, def);
    }

    private void compareColumns(TableDef before, TableDef after) {
        if (hasSameRows(before, after)) {
            return;
        }
        if (after.isEvent()) {
            steps.add("change the columns of event table " + after.name());
            disconnectsClients = true;
            return;
        }
        for (int i = 0; i < Math.max(before.columns().size(), after.columns().size()); i++) {
            compareColumn(after.name(), columnAt(before, i), columnAt(after, i));
        }
    }

    private static boolean hasSameRows(TableDef before, TableDef after) {
        return before.rowType().equals(after.rowType());
    }

    private static Optional<ColumnDef> columnAt(TableDef table, int position) {
        return position < table.columns().size() ? Optional.of(table.columns().get(position)) : Optional.empty();
    }

    private void compareColumn(String table, Optional<ColumnDef> before, Optional<ColumnDef> after) {
        if (before.isEmpty() && after.isPresent()) {
            reasons.add("column " + after.get().name() + " cannot be added to table " + table);
        } else if (before.isPresent() && after.isEmpty()) {
            reasons.add("column " + before.get().name() + " cannot be removed from table " + table);
        } else if (before.isPresent() && after.isPresent()) {
            if (!before.get().name().equals(after.get().name())) {
                reasons.add("column " + before.get().name() + " of table " + table + " cannot become column "
                        + after.get().name());
            } else if (!before.get().type().equals(after.get().type())) {
                reasons.add("column " + before.get().name() + " of table " + table + " cannot change its type");
            }
        }
    }

    private void compareIndexes(TableState table, TableDef def) {
        for (IndexDef before : table.def.indexes()) {
            if (def.indexes().stream().noneMatch(index -> index.name().equals(before.name()))) {
                steps.add("remove index " + before.name());
            }
        }
        for (IndexDef after : def.indexes()) {
            Optional<IndexDef> before = table.def.indexes().stream()
                    .filter(index -> index.name().equals(after.name()))
                    .findFirst();
            if (before.isEmpty()) {
                steps.add("add index " + after.name());
            } else if (!before.get().accessorName().equals(after.accessorName())) {
                reasons.add("index " + after.name() + " of table " + def.name() + " cannot change its accessor name");
            } else if (!IndexState.spec(before.get()).equals(IndexState.spec(after))) {
                steps.add("build index " + after.name() + " anew");
            }
            checkUnique(table, def, after);
        }
    }

    private void checkUnique(TableState table, TableDef def, IndexDef index) {
        IndexSpec spec = IndexState.spec(index);
        boolean isNew = table.def.indexes().stream().map(IndexState::spec).noneMatch(spec::equals);
        if (index.isUnique() && isNew && hasSameRows(table.def, def) && table.table.hasDuplicates(spec)) {
            reasons.add("index " + index.name() + " of table " + def.name()
                    + " cannot become unique: rows have the same key");
        }
    }

    private void compareConstraints(TableState table, TableDef def) {
        Map<String, UniqueConstraintDef> before = new HashMap<>();
        table.def.uniqueConstraints().forEach(constraint -> before.put(constraint.name(), constraint));
        for (UniqueConstraintDef after : def.uniqueConstraints()) {
            UniqueConstraintDef same = before.remove(after.name());
            if (same == null) {
                steps.add("add unique constraint " + after.name());
            } else if (!same.columns().equals(after.columns())) {
                reasons.add(
                        "unique constraint " + after.name() + " of table " + def.name() + " cannot change its columns");
            }
        }
        before.keySet().stream().sorted().forEach(name -> steps.add("remove unique constraint " + name));
    }

    private void compareSequences(TableState table, TableDef def) {
        for (SequenceDef before : table.def.sequences()) {
            if (def.sequences().stream().noneMatch(after -> after.column() == before.column())) {
                steps.add("remove sequence " + before.name());
            }
        }
        for (SequenceDef after : def.sequences()) {
            if (!table.hasSequenceLike(after)) {
                steps.add("add sequence " + after.name());
                checkRange(table, def, after);
            }
        }
    }

    /** A new sequence must not hand out what rows hold already. */
    private void checkRange(TableState state, TableDef def, SequenceDef sequence) {
        Table table = state.table;
        ColumnDef column = def.columns().get(sequence.column());
        if (!(column.type() instanceof Primitive type)) {
            return;
        }
        for (int row = table.nextLive(1); row != 0; row = table.nextLive(row + 1)) {
            int at = table.layout().columnStart(table.page(row), table.offset(row), sequence.column());
            BigInteger value =
                    new BsatnReader(table.page(row), at, type.size()).readBigInteger(type.size(), type.isSigned());
            if (value.compareTo(sequence.min()) >= 0 && value.compareTo(sequence.max()) <= 0) {
                reasons.add("sequence " + sequence.name() + " cannot be put on column " + column.name() + " of table "
                        + def.name() + ": a row holds " + value + ", which is in its range");
                return;
            }
        }
    }

    private void compareRest(TableDef before, TableDef after) {
        if (!before.primaryKey().equals(after.primaryKey())) {
            steps.add("change the primary key of table " + after.name());
        }
        if (before.access() != after.access()) {
            steps.add("make table " + after.name() + " " + after.access().name().toLowerCase(Locale.ROOT));
        }
        if (!before.schedule().equals(after.schedule())) {
            steps.add("change the schedule of table " + after.name());
        }
    }

    private void compareViews() {
        for (ViewDef before : old.module().views()) {
            Optional<ViewDef> after = module.view(before.name());
            if (after.isEmpty()) {
                steps.add("remove view " + before.name());
                disconnectsClients = true;
            } else if (!before.isLike(after.get())) {
                steps.add("change view " + before.name());
                disconnectsClients = true;
            }
        }
        for (ViewDef after : module.views()) {
            if (old.module().view(after.name()).isEmpty()) {
                steps.add("add view " + after.name());
            }
        }
        if (!new HashSet<>(old.module().rowLevelSecurity()).equals(new HashSet<>(module.rowLevelSecurity()))) {
            steps.add("change the row-level rules");
            disconnectsClients = true;
        }
    }

    /** Makes the new catalogue, over the rows of the old one. Only if there are no reasons against it. */
    Catalog build() {
        Catalog.Builder builder = new Catalog.Builder(module, old, old.nextTableId(), old.nextIndexId());
        for (TableState table : old.tables()) {
            newDef(table.def.name()).ifPresent(def -> keep(builder, table, def));
        }
        for (TableDef def : Datastore.inIdOrder(module.tables())) {
            if (oldTable(def.name()).isEmpty()) {
                builder.addTable(def);
            }
        }
        return builder.build();
    }

    private void keep(Catalog.Builder builder, TableState table, TableDef def) {
        List<IndexSpec> specs = def.indexes().stream().map(IndexState::spec).toList();
        Table rows = table.table;
        if (!hasSameRows(table.def, def)) {
            rows = TableState.emptyTable(def, old.epochs());
        } else if (!specs.equals(rows.specs())) {
            rows = rows.withIndexes(specs);
        }
        builder.keepTable(table.id, def, rows, keptIndexIds(table, def)).takeOver(table);
    }

    private Map<IndexDef, Integer> keptIndexIds(TableState table, TableDef def) {
        Map<IndexDef, Integer> ids = new HashMap<>();
        for (IndexState before : old.indexesOf(table)) {
            for (IndexDef after : def.indexes()) {
                boolean isSame = after.name().equals(before.def().name())
                        && IndexState.spec(after).equals(IndexState.spec(before.def()));
                if (isSame) {
                    ids.put(after, before.id());
                }
            }
        }
        return ids;
    }
}
