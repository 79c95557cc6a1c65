package io.pinion.store.schema;

import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Compares two definitions as a whole; {@link TableComparison} compares tables. Used once. What it finds is gathered
 * object by object, in byte order of names, and sorted by phase at the end.
 */
final class MigrationPlanner {
    private final ModuleDef before;
    private final ModuleDef after;
    private final Findings findings = new Findings();

    /** What a comparison finds. */
    static final class Findings {
        private final List<MigrationStep> steps = new ArrayList<>();
        private final List<String> reasons = new ArrayList<>();
        private boolean disconnects;

        void step(MigrationStep step) {
            steps.add(step);
        }

        /** A step that clients notice. */
        void breakingStep(MigrationStep step) {
            steps.add(step);
            disconnects = true;
        }

        void refuse(String reason) {
            reasons.add(reason);
        }
    }

    MigrationPlanner(ModuleDef before, ModuleDef after) {
        this.before = before;
        this.after = after;
    }

    MigrationPlan plan() {
        compareTables();
        compareViews();
        compareRowLevelRules();
        if (!findings.reasons.isEmpty()) {
            return new MigrationPlan.Refused(findings.reasons);
        }
        if (findings.disconnects) {
            findings.step(new MigrationStep.DisconnectClients());
        }
        return new MigrationPlan.Possible(findings.steps.stream()
                .sorted(Comparator.comparing(MigrationStep::phase))
                .toList());
    }

    private void compareTables() {
        Map<String, TableDef> old = byName(before.tables(), TableDef::name);
        Map<String, TableDef> fresh = byName(after.tables(), TableDef::name);
        old.forEach((name, table) -> {
            TableDef same = fresh.get(name);
            if (same == null) {
                findings.breakingStep(new MigrationStep.RemoveTable(name));
            } else {
                new TableComparison(table, same, findings).compare();
            }
        });
        fresh.keySet().stream()
                .filter(name -> !old.containsKey(name))
                .forEach(name -> findings.step(new MigrationStep.AddTable(name)));
    }

    private void compareViews() {
        Map<String, ViewDef> old = byName(before.views(), ViewDef::name);
        Map<String, ViewDef> fresh = byName(after.views(), ViewDef::name);
        old.forEach((name, view) -> {
            ViewDef same = fresh.get(name);
            if (same == null) {
                findings.breakingStep(new MigrationStep.RemoveView(name));
            } else {
                compare(view, same);
            }
        });
        fresh.keySet().stream()
                .filter(name -> !old.containsKey(name))
                .forEach(name -> findings.step(new MigrationStep.AddView(name)));
    }

    private void compare(ViewDef old, ViewDef fresh) {
        if (!isSameToClients(old, fresh)) {
            findings.breakingStep(new MigrationStep.RemoveView(fresh.name()));
            findings.step(new MigrationStep.AddView(fresh.name()));
            return;
        }
        if (old.isPublic() != fresh.isPublic()) {
            findings.step(new MigrationStep.ChangeViewAccess(fresh.name(), fresh.isPublic()));
        }
        findings.step(new MigrationStep.RefreshView(fresh.name()));
    }

    private static boolean isSameToClients(ViewDef old, ViewDef fresh) {
        return TableComparison.rowType(old.columns()).equals(TableComparison.rowType(fresh.columns()))
                && new TypeEquality(
                                old.parameters().typespace(), fresh.parameters().typespace())
                        .isSame(old.parameters().elements(), fresh.parameters().elements())
                && old.primaryKey().equals(fresh.primaryKey())
                && old.isAnonymous() == fresh.isAnonymous();
    }

    private void compareRowLevelRules() {
        if (new HashSet<>(before.rowLevelSecurity()).equals(new HashSet<>(after.rowLevelSecurity()))) {
            return;
        }
        before.rowLevelSecurity().stream()
                .sorted(Utf8Order.INSTANCE)
                .forEach(sql -> findings.breakingStep(new MigrationStep.RemoveRowLevelRule(sql)));
        after.rowLevelSecurity().stream()
                .sorted(Utf8Order.INSTANCE)
                .forEach(sql -> findings.breakingStep(new MigrationStep.AddRowLevelRule(sql)));
    }

    static <T> Map<String, T> byName(List<T> objects, Function<T, String> name) {
        Map<String, T> sorted = new TreeMap<>(Utf8Order.INSTANCE);
        objects.forEach(object -> sorted.put(name.apply(object), object));
        return sorted;
    }
}
