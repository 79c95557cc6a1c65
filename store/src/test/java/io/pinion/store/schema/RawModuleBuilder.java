package io.pinion.store.schema;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.schema.RawModuleDef.CasePolicy;
import io.pinion.store.schema.RawModuleDef.NamedKind;
import io.pinion.store.schema.RawModuleDef.RawConstraint;
import io.pinion.store.schema.RawModuleDef.RawDefault;
import io.pinion.store.schema.RawModuleDef.RawExplicitName;
import io.pinion.store.schema.RawModuleDef.RawIndex;
import io.pinion.store.schema.RawModuleDef.RawLifecycle;
import io.pinion.store.schema.RawModuleDef.RawProcedure;
import io.pinion.store.schema.RawModuleDef.RawReducer;
import io.pinion.store.schema.RawModuleDef.RawRoute;
import io.pinion.store.schema.RawModuleDef.RawSchedule;
import io.pinion.store.schema.RawModuleDef.RawSequence;
import io.pinion.store.schema.RawModuleDef.RawSubmodule;
import io.pinion.store.schema.RawModuleDef.RawTable;
import io.pinion.store.schema.RawModuleDef.RawType;
import io.pinion.store.schema.RawModuleDef.RawView;
import io.pinion.store.schema.RawModuleDef.RawViewPrimaryKey;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Typespace;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Builds V10 descriptions, right or wrong:
 *
 * <pre>{@code
 * ModuleDef def = RawModuleBuilder.aModule()
 *         .table("person", person -> person.column("id", U64).primaryKey(0).column("name", STRING).isPublic())
 *         .reducer("add", element("name", STRING))
 *         .build();
 * }</pre>
 *
 * Each table's row becomes the next entry of the typespace and a named type.
 */
public final class RawModuleBuilder {
    private static final int V10_TAG = 2;

    private final List<AlgebraicType> typespace = new ArrayList<>();
    private final List<RawType> types = new ArrayList<>();
    private final List<RawTable> tables = new ArrayList<>();
    private final List<RawReducer> reducers = new ArrayList<>();
    private final List<RawProcedure> procedures = new ArrayList<>();
    private final List<RawView> views = new ArrayList<>();
    private final List<RawViewPrimaryKey> viewPrimaryKeys = new ArrayList<>();
    private final List<RawSchedule> schedules = new ArrayList<>();
    private final List<RawLifecycle> lifecycles = new ArrayList<>();
    private final List<String> httpHandlers = new ArrayList<>();
    private final List<RawRoute> httpRoutes = new ArrayList<>();
    private final List<String> rowLevelSecurity = new ArrayList<>();
    private final List<RawExplicitName> explicitNames = new ArrayList<>();
    private final List<RawSubmodule> submodules = new ArrayList<>();
    private CasePolicy casePolicy = CasePolicy.SNAKE_CASE;

    private RawModuleBuilder() {}

    public static RawModuleBuilder aModule() {
        return new RawModuleBuilder();
    }

    /** Adds a typespace entry without naming it. */
    public RawModuleBuilder type(AlgebraicType type) {
        typespace.add(type);
        return this;
    }

    /** Adds a typespace entry and names it. */
    public RawModuleBuilder type(String name, AlgebraicType type) {
        types.add(new RawType(List.of(), name, typespace.size(), true));
        return type(type);
    }

    RawModuleBuilder typeName(RawType type) {
        types.add(type);
        return this;
    }

    public RawModuleBuilder table(String name, Consumer<TableBuilder> contents) {
        TableBuilder table = new TableBuilder();
        contents.accept(table);
        int ref = table.rowRef >= 0 ? table.rowRef : typespace.size();
        if (table.rowRef < 0) {
            type(name + "Row", new AlgebraicType.Product(table.columns));
        }
        tables.add(table.build(name, ref));
        return this;
    }

    RawModuleBuilder tableOfRef(String name, int ref) {
        tables.add(new TableBuilder().build(name, ref));
        return this;
    }

    public RawModuleBuilder reducer(String name, Element... parameters) {
        return reducer(new RawReducer(
                name,
                AlgebraicType.product(parameters),
                Visibility.CLIENT_CALLABLE,
                AlgebraicType.UNIT,
                Primitive.STRING));
    }

    RawModuleBuilder reducer(RawReducer reducer) {
        reducers.add(reducer);
        return this;
    }

    public RawModuleBuilder lifecycle(Lifecycle lifecycle, String function) {
        lifecycles.add(new RawLifecycle(lifecycle, function));
        return this;
    }

    public RawModuleBuilder procedure(String name, AlgebraicType returnType, Element... parameters) {
        procedures.add(
                new RawProcedure(name, AlgebraicType.product(parameters), returnType, Visibility.CLIENT_CALLABLE));
        return this;
    }

    public RawModuleBuilder view(
            String name, int index, boolean isAnonymous, AlgebraicType returnType, Element... parameters) {
        views.add(new RawView(name, index, true, isAnonymous, AlgebraicType.product(parameters), returnType));
        return this;
    }

    public RawModuleBuilder viewPrimaryKey(String view, String... columns) {
        viewPrimaryKeys.add(new RawViewPrimaryKey(view, List.of(columns)));
        return this;
    }

    public RawModuleBuilder schedule(String table, int atColumn, String function) {
        schedules.add(new RawSchedule(null, table, atColumn, function));
        return this;
    }

    public RawModuleBuilder httpHandler(String name) {
        httpHandlers.add(name);
        return this;
    }

    /** @param method null for any */
    public RawModuleBuilder route(String handler, @Nullable String method, String path) {
        httpRoutes.add(new RawRoute(handler, method, path));
        return this;
    }

    public RawModuleBuilder rowLevelSecurity(String sql) {
        rowLevelSecurity.add(sql);
        return this;
    }

    public RawModuleBuilder tableName(String source, String canonical) {
        explicitNames.add(new RawExplicitName(NamedKind.TABLE, source, canonical));
        return this;
    }

    public RawModuleBuilder functionName(String source, String canonical) {
        explicitNames.add(new RawExplicitName(NamedKind.FUNCTION, source, canonical));
        return this;
    }

    public RawModuleBuilder indexName(String source, String canonical) {
        explicitNames.add(new RawExplicitName(NamedKind.INDEX, source, canonical));
        return this;
    }

    public RawModuleBuilder withoutCaseConversion() {
        casePolicy = CasePolicy.NONE;
        return this;
    }

    public RawModuleBuilder submodule(String namespace, RawModuleBuilder module) {
        submodules.add(new RawSubmodule(namespace, module.raw()));
        return this;
    }

    /** The description with the version's tag. */
    public Bytes bytes() {
        return new BsatnWriter()
                .writeByte(V10_TAG)
                .writeRaw(RawModuleDefWriter.write(raw()))
                .toBytes();
    }

    public ModuleDef build() throws InvalidModuleDefException {
        return ModuleDef.of(bytes());
    }

    RawModuleDef.V10 raw() {
        return new RawModuleDef.V10(
                new Typespace(typespace),
                types,
                tables,
                reducers,
                procedures,
                views,
                viewPrimaryKeys,
                schedules,
                lifecycles,
                httpHandlers,
                httpRoutes,
                rowLevelSecurity,
                explicitNames,
                casePolicy,
                submodules);
    }

    /** One table; columns are added in order and then spoken of by position. */
    public static final class TableBuilder {
        private final List<Element> columns = new ArrayList<>();
        private final List<Integer> primaryKey = new ArrayList<>();
        private final List<RawIndex> indexes = new ArrayList<>();
        private final List<RawConstraint> constraints = new ArrayList<>();
        private final List<RawSequence> sequences = new ArrayList<>();
        private final List<RawDefault> defaults = new ArrayList<>();
        private int rowRef = -1;
        private boolean isPublic;
        private boolean isEvent;
        private boolean isSystem;

        private TableBuilder() {}

        public TableBuilder column(@Nullable String name, AlgebraicType type) {
            columns.add(new Element(name, type));
            return this;
        }

        /** Instead of columns: an entry of the typespace that is there already. */
        public TableBuilder rowRef(int ref) {
            rowRef = ref;
            return this;
        }

        /** With its unique constraint and its index. */
        public TableBuilder primaryKey(int column) {
            return primaryKeyOnly(column).unique(column);
        }

        public TableBuilder primaryKeyOnly(int column) {
            primaryKey.add(column);
            return this;
        }

        /** With an ordered index. */
        public TableBuilder unique(int... positions) {
            return index("unique_" + indexes.size(), IndexAlgorithm.BTREE, positions)
                    .constraint(positions);
        }

        public TableBuilder constraint(int... positions) {
            constraints.add(new RawConstraint(null, list(positions)));
            return this;
        }

        public TableBuilder index(@Nullable String name, IndexAlgorithm algorithm, int... positions) {
            indexes.add(new RawIndex(name, null, algorithm, list(positions)));
            return this;
        }

        TableBuilder index(RawIndex index) {
            indexes.add(index);
            return this;
        }

        public TableBuilder autoIncrement(int column) {
            return sequence(column, null, null, null, 1);
        }

        public TableBuilder sequence(
                int column, @Nullable Long start, @Nullable Long min, @Nullable Long max, long increment) {
            sequences.add(new RawSequence(null, column, big(start), big(min), big(max), BigInteger.valueOf(increment)));
            return this;
        }

        public TableBuilder defaultValue(int column, String hex) {
            defaults.add(new RawDefault(column, Bytes.ofHex(hex)));
            return this;
        }

        public TableBuilder isPublic() {
            isPublic = true;
            return this;
        }

        public TableBuilder isEvent() {
            isEvent = true;
            return this;
        }

        TableBuilder isSystem() {
            isSystem = true;
            return this;
        }

        private RawTable build(String name, int ref) {
            // Names of indexes are for one set per module, so each carries its table's.
            List<RawIndex> named = indexes.stream()
                    .map(index -> new RawIndex(
                            index.sourceName() != null && index.sourceName().startsWith("unique_")
                                    ? name + "_" + index.sourceName()
                                    : index.sourceName(),
                            index.accessorName(),
                            index.algorithm(),
                            index.columns()))
                    .toList();
            return new RawTable(
                    name, ref, primaryKey, named, constraints, sequences, isSystem, isPublic, defaults, isEvent);
        }

        private static @Nullable BigInteger big(@Nullable Long value) {
            return value == null ? null : BigInteger.valueOf(value);
        }

        private static List<Integer> list(int... positions) {
            List<Integer> list = new ArrayList<>();
            for (int position : positions) {
                list.add(position);
            }
            return list;
        }
    }
}
