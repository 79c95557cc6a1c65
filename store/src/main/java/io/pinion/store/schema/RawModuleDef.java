package io.pinion.store.schema;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.Lifecycle;
import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Typespace;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A module description as the module wrote it: decoded, nothing checked. Column positions and type references are as
 * given and may lead nowhere; a reference of 2³¹ or more is negative. Absent names are null. Immutable.
 */
sealed interface RawModuleDef {
    /** What modules of before 1.0 emit; {@link V8Upgrade} turns it into a {@link V9}. */
    record V8(Typespace typespace, List<TableV8> tables, List<ReducerV8> reducers, List<TypeAliasV8> aliases)
            implements RawModuleDef {
        public V8 {
            tables = List.copyOf(tables);
            reducers = List.copyOf(reducers);
            aliases = List.copyOf(aliases);
        }
    }

    record TableV8(
            String name,
            List<ColumnV8> columns,
            List<IndexV8> indexes,
            List<ConstraintV8> constraints,
            List<RawSequence> sequences,
            boolean isSystem,
            boolean isPublic,
            @Nullable String scheduled,
            int productTypeRef) {
        public TableV8 {
            columns = List.copyOf(columns);
            indexes = List.copyOf(indexes);
            constraints = List.copyOf(constraints);
            sequences = List.copyOf(sequences);
        }
    }

    record ColumnV8(String name, AlgebraicType type) {}

    record IndexV8(String name, boolean isUnique, IndexAlgorithm algorithm, List<Integer> columns) {
        public IndexV8 {
            columns = List.copyOf(columns);
        }
    }

    record ConstraintV8(String name, int bits, List<Integer> columns) {
        public ConstraintV8 {
            columns = List.copyOf(columns);
        }
    }

    record ReducerV8(String name, AlgebraicType.Product parameters) {}

    record TypeAliasV8(String name, int ref) {}

    /** What 1.x modules emit; {@link V9Lift} turns it into the shape of a {@link V10}. */
    record V9(
            Typespace typespace,
            List<TableV9> tables,
            List<ReducerV9> reducers,
            List<RawType> types,
            List<MiscExport> miscExports,
            List<String> rowLevelSecurity)
            implements RawModuleDef {
        public V9 {
            tables = List.copyOf(tables);
            reducers = List.copyOf(reducers);
            types = List.copyOf(types);
            miscExports = List.copyOf(miscExports);
            rowLevelSecurity = List.copyOf(rowLevelSecurity);
        }
    }

    /** A table without defaults, which are miscellaneous exports in this version. */
    record TableV9(RawTable table, @Nullable RawSchedule schedule) {}

    record ReducerV9(
            String name,
            AlgebraicType.Product parameters,
            @Nullable Lifecycle lifecycle) {}

    sealed interface MiscExport {}

    record ColumnDefaultV9(String table, RawDefault value) implements MiscExport {}

    /** What 2.x modules emit: of each kind of section the first occurrence, empty where there is none. */
    record V10(
            Typespace typespace,
            List<RawType> types,
            List<RawTable> tables,
            List<RawReducer> reducers,
            List<RawProcedure> procedures,
            List<RawView> views,
            List<RawViewPrimaryKey> viewPrimaryKeys,
            List<RawSchedule> schedules,
            List<RawLifecycle> lifecycles,
            List<String> httpHandlers,
            List<RawRoute> httpRoutes,
            List<String> rowLevelSecurity,
            List<RawExplicitName> explicitNames,
            CasePolicy casePolicy,
            List<RawSubmodule> submodules)
            implements RawModuleDef {
        public V10 {
            types = List.copyOf(types);
            tables = List.copyOf(tables);
            reducers = List.copyOf(reducers);
            procedures = List.copyOf(procedures);
            views = List.copyOf(views);
            viewPrimaryKeys = List.copyOf(viewPrimaryKeys);
            schedules = List.copyOf(schedules);
            lifecycles = List.copyOf(lifecycles);
            httpHandlers = List.copyOf(httpHandlers);
            httpRoutes = List.copyOf(httpRoutes);
            rowLevelSecurity = List.copyOf(rowLevelSecurity);
            explicitNames = List.copyOf(explicitNames);
            submodules = List.copyOf(submodules);
        }
    }

    /** How source names become canonical ones. */
    enum CasePolicy {
        NONE,
        SNAKE_CASE
    }

    record RawType(List<String> scope, String sourceName, int ref, boolean customOrdering) {
        public RawType {
            scope = List.copyOf(scope);
        }
    }

    record RawTable(
            String sourceName,
            int productTypeRef,
            List<Integer> primaryKey,
            List<RawIndex> indexes,
            List<RawConstraint> constraints,
            List<RawSequence> sequences,
            boolean isSystem,
            boolean isPublic,
            List<RawDefault> defaults,
            boolean isEvent) {
        public RawTable {
            primaryKey = List.copyOf(primaryKey);
            indexes = List.copyOf(indexes);
            constraints = List.copyOf(constraints);
            sequences = List.copyOf(sequences);
            defaults = List.copyOf(defaults);
        }
    }

    record RawIndex(
            @Nullable String sourceName,
            @Nullable String accessorName,
            IndexAlgorithm algorithm,
            List<Integer> columns) {
        public RawIndex {
            columns = List.copyOf(columns);
        }
    }

    /** A unique constraint, the only kind there is. */
    record RawConstraint(@Nullable String sourceName, List<Integer> columns) {
        public RawConstraint {
            columns = List.copyOf(columns);
        }
    }

    record RawSequence(
            @Nullable String sourceName,
            int column,
            @Nullable BigInteger start,
            @Nullable BigInteger min,
            @Nullable BigInteger max,
            BigInteger increment) {}

    record RawDefault(int column, Bytes value) {}

    record RawReducer(
            String sourceName,
            AlgebraicType.Product parameters,
            Visibility visibility,
            AlgebraicType okType,
            AlgebraicType errType) {}

    record RawProcedure(
            String sourceName, AlgebraicType.Product parameters, AlgebraicType returnType, Visibility visibility)
            implements MiscExport {}

    record RawView(
            String sourceName,
            int index,
            boolean isPublic,
            boolean isAnonymous,
            AlgebraicType.Product parameters,
            AlgebraicType returnType)
            implements MiscExport {}

    record RawViewPrimaryKey(String view, List<String> columns) {
        public RawViewPrimaryKey {
            columns = List.copyOf(columns);
        }
    }

    record RawSchedule(@Nullable String sourceName, String table, int atColumn, String function) {}

    record RawLifecycle(Lifecycle lifecycle, String function) {}

    /** @param method upper case for the known ones, as written for an extension, null for any */
    record RawRoute(String handler, @Nullable String method, String path) {}

    record RawExplicitName(NamedKind kind, String sourceName, String canonicalName) {}

    /** What an explicit name can be given to. */
    enum NamedKind {
        TABLE,
        FUNCTION,
        INDEX
    }

    record RawSubmodule(String namespace, V10 module) {}
}
