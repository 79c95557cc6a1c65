package io.pinion.store.schema;

import io.pinion.store.schema.MigrationPlanner.Findings;
import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.ScheduleDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.Bytes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Compares one table before and after. Used once. */
final class TableComparison {
    private final TableDef before;
    private final TableDef after;
    private final Findings findings;
    private final String table;

    TableComparison(TableDef before, TableDef after, Findings findings) {
        this.before = before;
        this.after = after;
        this.findings = findings;
        this.table = after.name();
    }

    void compare() {
        if (before.isEvent() != after.isEvent()) {
            findings.refuse(
                    "table " + table + " cannot " + (after.isEvent() ? "become" : "cease to be") + " an event table");
        } else if (after.isEvent()) {
            compareEventColumns();
        } else {
            compareColumns();
        }
        compareAliases();
        compareSchedules();
        compareConstraints();
        compareIndexes();
        compareSequences();
        if (before.access() != after.access()) {
            findings.step(new MigrationStep.ChangeTableAccess(table, after.access()));
        }
        comparePrimaryKeys();
    }

    /** As {@link TableDef#rowType}. */
    static AlgebraicType.Product rowType(List<ColumnDef> columns) {
        return new AlgebraicType.Product(columns.stream()
                .map(column -> new Element(column.name(), column.type()))
                .toList());
    }

    private void compareEventColumns() {
        if (!before.rowType().equals(after.rowType())) {
            findings.breakingStep(new MigrationStep.ChangeEventColumns(table));
        }
    }

    private void compareColumns() {
        List<String> old = before.columns().stream().map(ColumnDef::name).toList();
        List<String> fresh = after.columns().stream().map(ColumnDef::name).toList();
        for (String name : old) {
            if (!fresh.contains(name)) {
                findings.refuse("column " + name + " of table " + table + " cannot be removed");
            }
        }
        List<String> common = old.stream().filter(fresh::contains).toList();
        List<String> commonAfter = fresh.stream().filter(old::contains).toList();
        for (int i = 0; i < common.size(); i++) {
            String name = common.get(i);
            if (!name.equals(commonAfter.get(i))) {
                findings.refuse("column " + name + " of table " + table + " cannot move to another place");
            }
            compareTypes(
                    before.columns().get(old.indexOf(name)), after.columns().get(fresh.indexOf(name)));
        }
        int lastCommon = common.isEmpty() ? -1 : fresh.indexOf(commonAfter.getLast());
        for (int position = 0; position < fresh.size(); position++) {
            if (!old.contains(fresh.get(position))) {
                compareAdded(position, position > lastCommon);
            }
        }
    }

    private void compareTypes(ColumnDef old, ColumnDef fresh) {
        if (!old.type().equals(fresh.type())) {
            new TypeExtension(problem ->
                            findings.refuse("column " + fresh.name() + " of table " + table + ": " + problem))
                    .compare("", old.type(), fresh.type());
            findings.step(new MigrationStep.ExtendColumn(table, fresh.name()));
        }
    }

    private void compareAdded(int position, boolean isAtEnd) {
        ColumnDef column = after.columns().get(position);
        if (!isAtEnd) {
            findings.refuse("column " + column.name() + " can only be added at the end of table " + table);
        }
        Bytes initial = after.defaults().get(position);
        if (initial == null) {
            findings.refuse("column " + column.name() + " can only be added to table " + table + " with a default");
        } else {
            findings.breakingStep(new MigrationStep.AddColumn(table, column.name(), column.type(), initial));
        }
    }

    private void compareAliases() {
        if (!before.sourceName().equals(after.sourceName())) {
            findings.step(new MigrationStep.ChangeTableAlias(table, before.sourceName(), after.sourceName()));
        }
        Map<String, ColumnDef> old = MigrationPlanner.byName(before.columns(), ColumnDef::name);
        for (ColumnDef column : after.columns()) {
            ColumnDef same = old.get(column.name());
            if (same != null && !same.sourceName().equals(column.sourceName())) {
                findings.step(new MigrationStep.ChangeColumnAlias(
                        table, column.name(), same.sourceName(), column.sourceName()));
            }
        }
    }

    private void compareSchedules() {
        if (before.schedule().equals(after.schedule())) {
            return;
        }
        before.schedule()
                .map(ScheduleDef::name)
                .ifPresent(name -> findings.step(new MigrationStep.RemoveSchedule(table, name)));
        after.schedule()
                .map(ScheduleDef::name)
                .ifPresent(name -> findings.step(new MigrationStep.AddSchedule(table, name)));
    }

    private void compareConstraints() {
        Map<String, UniqueConstraintDef> old =
                MigrationPlanner.byName(before.uniqueConstraints(), UniqueConstraintDef::name);
        Map<String, UniqueConstraintDef> fresh =
                MigrationPlanner.byName(after.uniqueConstraints(), UniqueConstraintDef::name);
        old.forEach((name, constraint) -> {
            UniqueConstraintDef same = fresh.get(name);
            if (same == null) {
                findings.step(new MigrationStep.RemoveConstraint(table, name));
            } else if (!same.columns().equals(constraint.columns())) {
                findings.refuse("unique constraint " + name + " of table " + table + " cannot change its columns");
            }
        });
        fresh.keySet().stream()
                .filter(name -> !old.containsKey(name))
                .forEach(name -> findings.step(new MigrationStep.AddConstraint(table, name)));
    }

    private void compareIndexes() {
        Map<String, IndexDef> old = MigrationPlanner.byName(before.indexes(), IndexDef::name);
        Map<String, IndexDef> fresh = MigrationPlanner.byName(after.indexes(), IndexDef::name);
        old.forEach((name, index) -> {
            IndexDef same = fresh.get(name);
            if (same == null) {
                findings.step(new MigrationStep.RemoveIndex(table, name));
            } else {
                compare(index, same);
            }
        });
        fresh.keySet().stream()
                .filter(name -> !old.containsKey(name))
                .forEach(name -> findings.step(new MigrationStep.AddIndex(table, name)));
    }

    private void compare(IndexDef old, IndexDef fresh) {
        if (!old.accessorName().equals(fresh.accessorName())) {
            findings.refuse("index " + fresh.name() + " of table " + table + " cannot change its accessor name");
        }
        if (!old.isSameStructure(fresh)) {
            findings.step(new MigrationStep.RemoveIndex(table, fresh.name()));
            findings.step(new MigrationStep.AddIndex(table, fresh.name()));
        } else if (!old.sourceName().equals(fresh.sourceName())) {
            findings.step(
                    new MigrationStep.ChangeIndexAlias(table, fresh.name(), old.sourceName(), fresh.sourceName()));
        }
    }

    private void compareSequences() {
        Map<String, SequenceDef> old = MigrationPlanner.byName(before.sequences(), SequenceDef::name);
        Map<String, SequenceDef> fresh = MigrationPlanner.byName(after.sequences(), SequenceDef::name);
        old.forEach((name, sequence) -> {
            if (!sequence.equals(fresh.get(name))) {
                findings.step(new MigrationStep.RemoveSequence(table, name));
            }
        });
        fresh.forEach((name, sequence) -> {
            if (!sequence.equals(old.get(name))) {
                findings.step(new MigrationStep.AddSequence(table, name));
            }
        });
    }

    private void comparePrimaryKeys() {
        Optional<String> old = keyColumn(before);
        Optional<String> fresh = keyColumn(after);
        if (!old.equals(fresh)) {
            findings.step(new MigrationStep.ChangePrimaryKey(table, fresh));
        }
    }

    private static Optional<String> keyColumn(TableDef table) {
        OptionalInt position = table.primaryKey();
        return position.isPresent()
                ? Optional.of(table.columns().get(position.getAsInt()).name())
                : Optional.empty();
    }
}
