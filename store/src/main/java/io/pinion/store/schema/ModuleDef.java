package io.pinion.store.schema;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Typespace;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A validated module definition: what every version of the raw description becomes. Names are canonical unless called
 * source or accessor names; objects of submodules carry their namespace path joined by dots and stand in the same lists.
 * Immutable.
 *
 * @param version of the raw description it came from: 8, 9 or 10
 * @param typespace of the root module, after name conversion
 * @param types named types of the root module
 * @param tables the root's, then each submodule's, depth first
 * @param reducers by id: the position is the number the guest is called with
 * @param procedures by id
 * @param views in declaration order; the guest is called with {@link ViewDef#index()}
 * @param httpHandlers by id, of the root only
 * @param rowLevelSecurity SQL texts, each once
 * @param raw the description it was made from, for the schema endpoint and for the journal
 */
public record ModuleDef(
        int version,
        Typespace typespace,
        List<NamedType> types,
        List<TableDef> tables,
        List<ReducerDef> reducers,
        List<ProcedureDef> procedures,
        List<ViewDef> views,
        List<HttpHandlerDef> httpHandlers,
        List<HttpRouteDef> httpRoutes,
        List<String> rowLevelSecurity,
        Bytes raw) {
    private static final WeakPool<Bytes, ModuleDef> SHARED = new WeakPool<>();

    public ModuleDef {
        types = List.copyOf(types);
        tables = List.copyOf(tables);
        reducers = List.copyOf(reducers);
        procedures = List.copyOf(procedures);
        views = List.copyOf(views);
        httpHandlers = List.copyOf(httpHandlers);
        httpRoutes = List.copyOf(httpRoutes);
        rowLevelSecurity = List.copyOf(rowLevelSecurity);
    }

    /**
     * Decodes and validates what {@code __describe_module__} delivered. Databases with the same description get the same
     * object, as long as one of them holds it.
     *
     * @param raw the version tag and the description, BSATN
     * @throws InvalidModuleDefException with every reason at once
     */
    public static ModuleDef of(Bytes raw) throws InvalidModuleDefException {
        ModuleDef known = SHARED.find(raw);
        return known != null ? known : SHARED.share(raw, ModuleDefValidator.validate(raw));
    }

    public Optional<ReducerDef> reducer(String name) {
        return reducers.stream().filter(reducer -> reducer.name().equals(name)).findFirst();
    }

    public Optional<ReducerDef> reducer(Lifecycle lifecycle) {
        return reducers.stream()
                .filter(reducer -> reducer.lifecycle().filter(lifecycle::equals).isPresent())
                .findFirst();
    }

    public Optional<ProcedureDef> procedure(String name) {
        return procedures.stream()
                .filter(procedure -> procedure.name().equals(name))
                .findFirst();
    }

    public Optional<ViewDef> view(String name) {
        return views.stream().filter(view -> view.name().equals(name)).findFirst();
    }

    /** By canonical name, else by source name. */
    public Optional<TableDef> table(String name) {
        return tables.stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .or(() -> tables.stream()
                        .filter(table -> table.sourceName().equals(name))
                        .findFirst());
    }

    public enum Lifecycle {
        INIT,
        ON_CONNECT,
        ON_DISCONNECT
    }

    public enum Visibility {
        PRIVATE,
        CLIENT_CALLABLE
    }

    public enum TableAccess {
        PUBLIC,
        PRIVATE
    }

    public enum IndexAlgorithm {
        BTREE,
        HASH,
        DIRECT
    }

    public record NamedType(List<String> scope, String name, int ref, boolean customOrdering) {
        public NamedType {
            scope = List.copyOf(scope);
        }
    }

    /** @param type with every reference inlined */
    public record ColumnDef(String name, String sourceName, AlgebraicType type) {}

    /**
     * A table.
     *
     * @param rowTypeRef typespace index of the row product in its own module
     * @param primaryKey column position
     * @param defaults BSATN of the column type, by column position
     */
    public record TableDef(
            String name,
            String sourceName,
            int rowTypeRef,
            List<ColumnDef> columns,
            OptionalInt primaryKey,
            List<IndexDef> indexes,
            List<UniqueConstraintDef> uniqueConstraints,
            List<SequenceDef> sequences,
            Optional<ScheduleDef> schedule,
            TableAccess access,
            boolean isEvent,
            Map<Integer, Bytes> defaults) {
        public TableDef {
            columns = List.copyOf(columns);
            indexes = List.copyOf(indexes);
            uniqueConstraints = List.copyOf(uniqueConstraints);
            sequences = List.copyOf(sequences);
            defaults = Map.copyOf(defaults);
        }

        /** The row as a product of the inlined column types under canonical names. */
        public AlgebraicType.Product rowType() {
            return new AlgebraicType.Product(columns.stream()
                    .map(column -> new AlgebraicType.Element(column.name(), column.type()))
                    .toList());
        }
    }

    /**
     * An index.
     *
     * @param columns positions in index order
     * @param isUnique its column set equals that of a unique constraint of the table
     */
    public record IndexDef(
            String name,
            String sourceName,
            Optional<String> accessorName,
            IndexAlgorithm algorithm,
            List<Integer> columns,
            boolean isUnique) {
        public IndexDef {
            columns = List.copyOf(columns);
        }

        /** Whether it differs in names and uniqueness only. */
        public boolean isSameStructure(IndexDef other) {
            return algorithm == other.algorithm && columns.equals(other.columns);
        }
    }

    /** @param columns positions, ascending */
    public record UniqueConstraintDef(String name, List<Integer> columns) {
        public UniqueConstraintDef {
            columns = List.copyOf(columns);
        }
    }

    /** An auto-increment column, bounds filled in. */
    public record SequenceDef(
            String name, int column, BigInteger start, BigInteger min, BigInteger max, BigInteger increment) {}

    /** @param functionName canonical name of a reducer or procedure */
    public record ScheduleDef(String name, int atColumn, String functionName) {}

    /**
     * Parameters of a function.
     *
     * @param elements names as the module gives them, which is what callers use; types may refer to the typespace of the
     *     module the function belongs to
     * @param names canonical, in the same order
     */
    public record Parameters(AlgebraicType.Product elements, List<String> names, Typespace typespace) {
        public Parameters {
            names = List.copyOf(names);
        }

        /** Whether callers pass the same; where there is nothing to pass, other types do not matter. */
        boolean isLike(Parameters other) {
            return elements.equals(other.elements)
                    && (elements.elements().isEmpty() || typespace.equals(other.typespace));
        }
    }

    public record ReducerDef(
            int id,
            String name,
            String sourceName,
            Parameters parameters,
            Visibility visibility,
            Optional<Lifecycle> lifecycle) {}

    public record ProcedureDef(
            int id,
            String name,
            String sourceName,
            Parameters parameters,
            AlgebraicType returnType,
            Visibility visibility) {}

    /**
     * A view.
     *
     * @param index in the number space of anonymous or of caller-aware views
     * @param columns of its rows
     * @param primaryKey position among the columns
     */
    public record ViewDef(
            String name,
            String sourceName,
            int index,
            boolean isPublic,
            boolean isAnonymous,
            Parameters parameters,
            AlgebraicType returnType,
            List<ColumnDef> columns,
            OptionalInt primaryKey) {
        public ViewDef {
            columns = List.copyOf(columns);
        }

        /** The row as the module declares it: types may refer to the typespace of the view's module. */
        public AlgebraicType.Product declaredRow() {
            if (parameters.typespace().resolve(ViewChecker.rowsOf(returnType))
                    instanceof AlgebraicType.Product product) {
                return product;
            }
            throw new IllegalStateException("the view " + name + " yields no rows: " + returnType);
        }

        /** Whether one can take the place of the other without clients noticing. */
        public boolean isLike(ViewDef other) {
            return columns.equals(other.columns)
                    && parameters.isLike(other.parameters)
                    && primaryKey.equals(other.primaryKey)
                    && isAnonymous == other.isAnonymous;
        }
    }

    public record HttpHandlerDef(int id, String name, String sourceName) {}

    /** @param method empty for any */
    public record HttpRouteDef(String handlerName, Optional<String> method, String path) {}
}
