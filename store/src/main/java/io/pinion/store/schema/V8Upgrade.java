package io.pinion.store.schema;

import static io.pinion.store.schema.Errors.quote;

import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.schema.RawModuleDef.RawType;
import io.pinion.store.schema.RawModuleDef.ReducerV8;
import io.pinion.store.schema.RawModuleDef.ReducerV9;
import io.pinion.store.schema.RawModuleDef.TableV9;
import io.pinion.store.schema.RawModuleDef.TypeAliasV8;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Turns a V8 description into a V9 one. */
final class V8Upgrade {
    private static final Map<String, Lifecycle> LIFECYCLES = Map.of(
            "__init__", Lifecycle.INIT,
            "__identity_connected__", Lifecycle.ON_CONNECT,
            "__identity_disconnected__", Lifecycle.ON_DISCONNECT);

    private V8Upgrade() {}

    static RawModuleDef.V9 upgrade(RawModuleDef.V8 raw, Errors errors) {
        List<TableV9> tables = raw.tables().stream()
                .map(table -> new V8TableUpgrade(table, raw.typespace(), errors.within("table " + quote(table.name())))
                        .upgrade())
                .toList();
        return new RawModuleDef.V9(
                raw.typespace(),
                tables,
                raw.reducers().stream().map(V8Upgrade::reducer).toList(),
                raw.aliases().stream().map(V8Upgrade::type).toList(),
                List.of(),
                List.of());
    }

    private static ReducerV9 reducer(ReducerV8 reducer) {
        return new ReducerV9(reducer.name(), reducer.parameters(), LIFECYCLES.get(reducer.name()));
    }

    /** The last segment is the name, what comes before it the scope. */
    private static RawType type(TypeAliasV8 alias) {
        List<String> path = new ArrayList<>(List.of(alias.name().split("::|\\.", -1)));
        String name = path.removeLast();
        return new RawType(path, name, alias.ref(), true);
    }
}
