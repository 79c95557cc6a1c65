package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef.ColumnDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.schema.ModuleDef.UniqueConstraintDef;
import io.pinion.store.schema.ModuleDef.ViewDef;
import io.pinion.store.value.AlgebraicType.Primitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The table behind a view: the hidden column {@value #ARG_HASH}, then the view's columns. It holds the rows of every
 * instance of the view, that is, of every value of its arguments that somebody looks at.
 */
final class ViewTableDef {
    static final String ARG_HASH = "arg_hash";
    private static final int NO_ROW_TYPE = -1;

    private ViewTableDef() {}

    static TableDef of(ViewDef view) {
        List<ColumnDef> columns = new ArrayList<>();
        columns.add(new ColumnDef(ARG_HASH, ARG_HASH, Primitive.U256));
        columns.addAll(view.columns());
        List<IndexDef> indexes = new ArrayList<>();
        List<UniqueConstraintDef> constraints = new ArrayList<>();
        String prefix = view.name() + "_" + ARG_HASH;
        indexes.add(index(prefix, List.of(0), false));
        view.primaryKey().ifPresent(key -> {
            String name = prefix + "_" + view.columns().get(key).name();
            indexes.add(index(name, List.of(0, key + 1), true));
            constraints.add(new UniqueConstraintDef(name + "_key", List.of(0, key + 1)));
        });
        return new TableDef(
                view.name(),
                view.sourceName(),
                NO_ROW_TYPE,
                columns,
                OptionalInt.empty(),
                indexes,
                constraints,
                List.of(),
                Optional.empty(),
                view.isPublic() ? TableAccess.PUBLIC : TableAccess.PRIVATE,
                false,
                Map.of());
    }

    private static IndexDef index(String prefix, List<Integer> columns, boolean isUnique) {
        String name = prefix + "_idx_btree";
        return new IndexDef(name, name, Optional.empty(), IndexAlgorithm.BTREE, columns, isUnique);
    }
}
