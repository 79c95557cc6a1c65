package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.tx.SchemaIds.Next;
import io.pinion.store.tx.SchemaIds.ObjectName;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Hands out the ids of one schema: all tables first, then the backing tables of views. What was there before and is the
 * same keeps its id. Used once.
 */
final class IdAllocation {
    private final @Nullable Schema before;
    private final Map<String, Integer> tables = new HashMap<>();
    private final Map<ObjectName, Integer> indexes = new HashMap<>();
    private final Map<ObjectName, Integer> constraints = new HashMap<>();
    private final Map<ObjectName, Integer> sequences = new HashMap<>();
    private final Map<String, Integer> schedules = new HashMap<>();
    private final Map<String, Integer> views = new HashMap<>();
    private int nextTable;
    private int nextIndex;
    private int nextConstraint;
    private int nextSequence;
    private int nextSchedule;
    private int nextView;

    private IdAllocation() {
        this(null, Next.FIRST, Datastore.FIRST_ID, Datastore.FIRST_ID);
    }

    /** @param before the schema that this one follows */
    IdAllocation(Schema before, int nextTable, int nextIndex) {
        this(before, before.ids().next(), nextTable, nextIndex);
    }

    private IdAllocation(@Nullable Schema before, Next next, int nextTable, int nextIndex) {
        this.before = before;
        this.nextTable = nextTable;
        this.nextIndex = nextIndex;
        nextConstraint = next.constraint();
        nextSequence = next.sequence();
        nextSchedule = next.schedule();
        nextView = next.view();
    }

    /** Those of the module's first publish. */
    static SchemaIds first(ModuleDef module) {
        IdAllocation ids = new IdAllocation();
        Datastore.inIdOrder(module.tables()).forEach(ids::addTable);
        return ids.end(module);
    }

    void addTable(TableDef def) {
        keepTable(nextTable++, def, Map.of());
    }

    /** @param indexIds those to keep; other indexes get new ones */
    void keepTable(int id, TableDef def, Map<IndexDef, Integer> indexIds) {
        tables.put(def.name(), id);
        for (IndexDef index : def.indexes()) {
            Integer kept = indexIds.get(index);
            indexes.put(new ObjectName(def.name(), index.name()), kept == null ? nextIndex++ : kept);
        }
        @Nullable TableSchema old = oldTable(id, def.name());
        for (UniqueConstraintDef constraint : def.uniqueConstraints()) {
            ObjectName name = new ObjectName(def.name(), constraint.name());
            boolean isSame = old != null && old.def().uniqueConstraints().contains(constraint);
            constraints.put(name, isSame ? Schema.id(ids().constraints(), name) : nextConstraint++);
        }
        for (SequenceDef sequence : def.sequences()) {
            ObjectName name = new ObjectName(def.name(), sequence.name());
            boolean isSame = old != null && old.def().sequences().contains(sequence);
            sequences.put(name, isSame ? Schema.id(ids().sequences(), name) : nextSequence++);
        }
        if (def.schedule().isPresent()) {
            boolean isSame = old != null && old.def().schedule().equals(def.schedule());
            schedules.put(def.name(), isSame ? Schema.id(ids().schedules(), def.name()) : nextSchedule++);
        }
    }

    private @Nullable TableSchema oldTable(int id, String name) {
        TableSchema table = before == null ? null : before.table(id);
        return table != null && table.def().name().equals(name) ? table : null;
    }

    private SchemaIds ids() {
        if (before == null) {
            throw new IllegalStateException("nothing was there before");
        }
        return before.ids();
    }

    /** To be called after the last table. */
    SchemaIds end(ModuleDef module) {
        Datastore.inIdOrder(module.views(), ViewDef::name).stream()
                .filter(this::isOld)
                .forEach(this::keepView);
        Datastore.inIdOrder(module.views(), ViewDef::name).stream()
                .filter(Predicate.not(this::isOld))
                .forEach(this::addView);
        Next next = new Next(nextTable, nextIndex, nextConstraint, nextSequence, nextSchedule, nextView);
        return new SchemaIds(tables, indexes, constraints, sequences, schedules, views, next);
    }

    private boolean isOld(ViewDef view) {
        return before != null
                && before.module().view(view.name()).filter(view::isLike).isPresent();
    }

    private void keepView(ViewDef view) {
        TableDef def = ViewTableDef.of(view);
        Map<IndexDef, Integer> kept = new HashMap<>();
        for (IndexDef index : def.indexes()) {
            kept.put(index, Schema.id(ids().indexes(), new ObjectName(def.name(), index.name())));
        }
        keepTable(Schema.id(ids().tables(), view.name()), def, kept);
        views.put(view.name(), Schema.id(ids().views(), view.name()));
    }

    private void addView(ViewDef view) {
        addTable(ViewTableDef.of(view));
        views.put(view.name(), nextView++);
    }
}
