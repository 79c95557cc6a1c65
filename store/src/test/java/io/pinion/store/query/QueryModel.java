package io.pinion.store.query;

import static io.pinion.store.schema.RawModuleBuilder.aModule;

import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.RawModuleBuilder;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Random tables and queries, and what the queries mean: nested loops over decoded rows. Values are drawn from few, so that
 * they often meet.
 */
final class QueryModel {
    static final Identity ANN = Identity.derive("localhost", "ann");
    static final Identity BOB = Identity.derive("localhost", "bob");
    private static final List<Identity> PEOPLE = List.of(ANN, BOB, Identity.ZERO);
    private static final List<String> TEXTS = List.of("", "a", "b", "é", "a'b");
    private static final List<Double> FLOATS = List.of(0.0, -0.0, 1.5, Double.NaN, Double.NEGATIVE_INFINITY);

    enum Kind {
        U32,
        STRING,
        BOOL,
        F64,
        IDENTITY;

        AlgebraicType type() {
            return switch (this) {
                case U32 -> Primitive.U32;
                case STRING -> Primitive.STRING;
                case BOOL -> Primitive.BOOL;
                case F64 -> Primitive.F64;
                case IDENTITY -> AlgebraicType.IDENTITY;
            };
        }

        Object value(Random random) {
            return switch (this) {
                case U32 -> (long) random.nextInt(5);
                case STRING -> TEXTS.get(random.nextInt(TEXTS.size()));
                case BOOL -> random.nextBoolean();
                case F64 -> FLOATS.get(random.nextInt(FLOATS.size()));
                case IDENTITY -> PEOPLE.get(random.nextInt(PEOPLE.size()));
            };
        }

        void write(Object value, BsatnWriter out) {
            switch (this) {
                case U32 -> out.writeInt((int) (long) value);
                case STRING -> out.writeString((String) value);
                case BOOL -> out.writeBool((Boolean) value);
                case F64 -> out.writeDouble((Double) value);
                case IDENTITY -> out.writeIdentity((Identity) value);
            }
        }

        Object read(BsatnReader in) {
            return switch (this) {
                case U32 -> Integer.toUnsignedLong(in.readInt());
                case STRING -> in.readString();
                case BOOL -> in.readBool();
                case F64 -> in.readDouble();
                case IDENTITY -> in.readIdentity();
            };
        }

        /** A NaN has no literal. */
        String literal(Object value) {
            return switch (value) {
                case String text -> "'" + text.replace("'", "''") + "'";
                case Identity identity -> "0x" + identity.toHex();
                case Double number -> number.isNaN() ? "7" : number.isInfinite() ? "-1e999" : number.toString();
                default -> value.toString();
            };
        }

        Object ofLiteral(Object value) {
            return value instanceof Double number && number.isNaN() ? 7.0 : value;
        }

        int compare(Object left, Object right) {
            return switch (this) {
                case U32 -> Long.compare((Long) left, (Long) right);
                case STRING ->
                    Arrays.compareUnsigned(
                            ((String) left).getBytes(StandardCharsets.UTF_8),
                            ((String) right).getBytes(StandardCharsets.UTF_8));
                case BOOL -> Boolean.compare((Boolean) left, (Boolean) right);
                case F64 -> Double.compare((Double) left + 0.0, (Double) right + 0.0);
                case IDENTITY -> ((Identity) left).toHex().compareTo(((Identity) right).toHex());
            };
        }
    }

    record Table(int number, List<Kind> columns, boolean isEvent) {
        String name() {
            return "t_" + (char) ('a' + number);
        }

        String column(int position) {
            return "c_" + (char) ('a' + position);
        }

        List<Object> random(Random random) {
            return columns.stream().map(kind -> kind.value(random)).toList();
        }

        Bytes bytes(List<Object> row) {
            BsatnWriter out = new BsatnWriter();
            for (int i = 0; i < row.size(); i++) {
                columns.get(i).write(row.get(i), out);
            }
            return out.toBytes();
        }

        List<Object> decode(Bytes row) {
            BsatnReader in = new BsatnReader(row);
            return columns.stream().map(kind -> kind.read(in)).toList();
        }
    }

    private static final List<Kind> KINDS = List.of(Kind.values());
    private static final List<Statement.Operator> OPERATORS = List.of(Statement.Operator.values());

    private final Random random;
    private final List<Table> tables = new ArrayList<>();
    /** By table. */
    private final List<List<Query>> rules = new ArrayList<>();

    private final ModuleDef module;

    QueryModel(Random random) throws InvalidModuleDefException {
        this.random = random;
        RawModuleBuilder builder = aModule();
        for (int number = 0; number < 3; number++) {
            Table table = table(number);
            tables.add(table);
            builder.table(table.name(), contents -> describe(table, contents));
        }
        for (Table table : tables) {
            List<Query> own = rules(table);
            rules.add(own);
            own.forEach(rule -> builder.rowLevelSecurity(rule.sql()));
        }
        module = builder.build();
    }

    ModuleDef module() {
        return module;
    }

    List<Table> tables() {
        return tables;
    }

    private Table table(int number) {
        List<Kind> columns = new ArrayList<>(List.of(Kind.U32));
        for (int i = random.nextInt(4); i >= 0; i--) {
            columns.add(KINDS.get(random.nextInt(KINDS.size())));
        }
        return new Table(number, columns, number == 2 && random.nextInt(3) == 0);
    }

    private void describe(Table table, RawModuleBuilder.TableBuilder contents) {
        for (int i = 0; i < table.columns().size(); i++) {
            contents.column(table.column(i), table.columns().get(i).type());
        }
        contents.isPublic();
        if (table.isEvent()) {
            contents.isEvent();
        }
        Set<List<Integer>> indexed = new HashSet<>();
        if (random.nextInt(4) == 0) {
            contents.primaryKey(0);
            indexed.add(List.of(0));
        }
        for (int i = random.nextInt(4); i >= 0; i--) {
            int[] columns = someColumns(table);
            IndexAlgorithm algorithm = random.nextInt(3) == 0 ? IndexAlgorithm.HASH : IndexAlgorithm.BTREE;
            if (indexed.add(Arrays.stream(columns).boxed().toList())) {
                contents.index(table.name() + "_index_" + (char) ('a' + i), algorithm, columns);
            }
        }
    }

    private int[] someColumns(Table table) {
        List<Integer> all = new ArrayList<>(
                IntStream.range(0, table.columns().size()).boxed().toList());
        Collections.shuffle(all, random);
        return all.stream()
                .limit(1 + random.nextInt(2))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** Rules speak of their own table and of those before it, so that they never go in circles. */
    private List<Query> rules(Table table) {
        List<Query> own = new ArrayList<>();
        for (int i = random.nextInt(5) - 3; i >= 0; i--) {
            Query rule = query(1 + random.nextInt(2), table.number(), Output.WHOLE);
            // Of rules with the same text a module has one.
            boolean isNew = own.stream().noneMatch(other -> other.sql().equals(rule.sql()));
            if (rule.isWhole(table) && isNew) {
                own.add(rule);
            }
        }
        return own;
    }

    // Queries

    /** A column of a source. */
    record Ref(int source, int column) {}

    enum Output {
        WHOLE,
        COLUMNS,
        COUNT
    }

    sealed interface Where {
        record Value(
                Ref column,
                Kind kind,
                Statement.Operator operator,
                @Nullable Object value) implements Where {}

        record Columns(Ref left, Kind kind, Statement.Operator operator, Ref right) implements Where {}

        record Both(List<Where> parts) implements Where {}

        record Either(List<Where> parts) implements Where {}
    }

    /**
     * A query.
     *
     * @param joins by source after the first: what joins it, null for a cross product
     * @param limit negative for none
     */
    record Query(
            List<Table> sources,
            List<Where.@Nullable Columns> joins,
            @Nullable Where where,
            Output output,
            int returned,
            List<Ref> columns,
            int limit) {
        boolean isWhole(Table table) {
            return output == Output.WHOLE && sources.get(returned).equals(table);
        }

        private String name(int source) {
            return sources.size() == 1 ? sources.getFirst().name() : "s" + source;
        }

        private String name(Ref ref) {
            return name(ref.source()) + "." + sources.get(ref.source()).column(ref.column());
        }

        String sql() {
            StringBuilder sql = new StringBuilder("SELECT ").append(selected()).append(" FROM ");
            for (int source = 0; source < sources.size(); source++) {
                Where.Columns join = source == 0 ? null : joins.get(source - 1);
                sql.append(source == 0 ? "" : " JOIN ")
                        .append(sources.get(source).name());
                sql.append(sources.size() == 1 ? "" : " AS s" + source);
                sql.append(join == null ? "" : " ON " + name(join.left()) + " = " + name(join.right()));
            }
            if (where != null) {
                sql.append(" WHERE ").append(sql(where));
            }
            return sql.append(limit < 0 ? "" : " LIMIT " + limit).toString();
        }

        private String selected() {
            return switch (output) {
                case WHOLE -> sources.size() == 1 ? "*" : name(returned) + ".*";
                case COUNT -> "COUNT(*) AS n";
                case COLUMNS ->
                    IntStream.range(0, columns.size())
                            .mapToObj(i -> name(columns.get(i)) + " AS r" + i)
                            .collect(Collectors.joining(", "));
            };
        }

        private String sql(Where part) {
            return switch (part) {
                case Where.Value(Ref column, Kind kind, Statement.Operator operator, Object value) ->
                    name(column) + " " + operator.symbol() + " " + (value == null ? ":sender" : kind.literal(value));
                case Where.Columns(Ref left, Kind _, Statement.Operator operator, Ref right) ->
                    name(left) + " " + operator.symbol() + " " + name(right);
                case Where.Both(List<Where> parts) -> sql(parts, " AND ");
                case Where.Either(List<Where> parts) -> sql(parts, " OR ");
            };
        }

        private String sql(List<Where> parts, String between) {
            return parts.stream().map(each -> "(" + sql(each) + ")").collect(Collectors.joining(between));
        }
    }

    /** @param lastTable the greatest number of a table that it may read */
    Query query(int sourceCount, int lastTable, Output output) {
        List<Table> sources = IntStream.range(0, sourceCount)
                .mapToObj(_ -> tables.get(random.nextInt(Math.min(tables.size(), lastTable + 1))))
                .toList();
        List<Where.@Nullable Columns> joins = new ArrayList<>();
        for (int source = 1; source < sourceCount; source++) {
            joins.add(random.nextInt(6) == 0 ? null : join(sources, source));
        }
        List<Ref> columns = IntStream.rangeClosed(0, random.nextInt(3))
                .mapToObj(_ -> ref(sources))
                .toList();
        Where where = random.nextInt(5) == 0 ? null : where(sources, 2);
        int limit = output != Output.WHOLE && random.nextInt(4) == 0 ? random.nextInt(4) : -1;
        return new Query(sources, joins, where, output, random.nextInt(sourceCount), columns, limit);
    }

    private Where.@Nullable Columns join(List<Table> sources, int source) {
        for (int attempt = 0; attempt < 10; attempt++) {
            Ref left =
                    new Ref(source, random.nextInt(sources.get(source).columns().size()));
            int other = random.nextInt(source);
            Ref right =
                    new Ref(other, random.nextInt(sources.get(other).columns().size()));
            if (kind(sources, left) == kind(sources, right)) {
                return new Where.Columns(left, kind(sources, left), Statement.Operator.EQUAL, right);
            }
        }
        return null;
    }

    private static Kind kind(List<Table> sources, Ref ref) {
        return sources.get(ref.source()).columns().get(ref.column());
    }

    private Ref ref(List<Table> sources) {
        int source = random.nextInt(sources.size());
        return new Ref(source, random.nextInt(sources.get(source).columns().size()));
    }

    private Where where(List<Table> sources, int depth) {
        if (depth > 0 && random.nextBoolean()) {
            List<Where> parts = IntStream.rangeClosed(0, 1 + random.nextInt(2))
                    .mapToObj(_ -> where(sources, depth - 1))
                    .toList();
            return random.nextInt(3) > 0 ? new Where.Both(parts) : new Where.Either(parts);
        }
        Ref column = ref(sources);
        Kind kind = kind(sources, column);
        Ref other = ref(sources);
        if (kind(sources, other) == kind && random.nextInt(3) == 0) {
            return new Where.Columns(column, kind, operator(), other);
        }
        Object value = kind == Kind.IDENTITY && random.nextBoolean() ? null : kind.value(random);
        return new Where.Value(column, kind, operator(), value);
    }

    private Statement.Operator operator() {
        return random.nextBoolean() ? Statement.Operator.EQUAL : OPERATORS.get(random.nextInt(OPERATORS.size()));
    }

    // What they mean

    /**
     * The result as a bag of rows, BSATN each.
     *
     * @param stored rows of a table
     */
    List<Bytes> evaluate(Query query, Caller caller, Function<Table, List<Bytes>> stored) {
        IntFunction<List<Bytes>> rows = source -> visible(query.sources().get(source), caller, stored);
        return evaluate(query, caller.identity(), rows);
    }

    private List<Bytes> visible(Table table, Caller caller, Function<Table, List<Bytes>> stored) {
        List<Query> own = rules.get(table.number());
        if (caller.isOwner() || own.isEmpty()) {
            return stored.apply(table);
        }
        List<Bytes> visible = new ArrayList<>();
        for (Query rule : own) {
            visible.addAll(evaluate(rule, caller.identity(), source -> {
                Table read = rule.sources().get(source);
                return read.equals(table) ? stored.apply(read) : visible(read, caller, stored);
            }));
        }
        return visible;
    }

    private static List<Bytes> evaluate(Query query, Identity sender, IntFunction<List<Bytes>> rows) {
        List<Bytes> found = new ArrayList<>();
        List<List<Bytes>> stored =
                IntStream.range(0, query.sources().size()).mapToObj(rows).toList();
        loop(query, sender, stored, new ArrayList<>(), new ArrayList<>(), found);
        return query.output() == Output.COUNT
                ? List.of(new BsatnWriter().writeLong(found.size()).toBytes())
                : List.copyOf(found);
    }

    private static void loop(
            Query query,
            Identity sender,
            List<List<Bytes>> stored,
            List<Bytes> bytes,
            List<List<Object>> decoded,
            List<Bytes> found) {
        int source = bytes.size();
        if (source == query.sources().size()) {
            if (joins(query, decoded) && (query.where() == null || test(query.where(), decoded, sender))) {
                found.add(result(query, bytes, decoded));
            }
            return;
        }
        for (Bytes row : stored.get(source)) {
            bytes.add(row);
            decoded.add(query.sources().get(source).decode(row));
            loop(query, sender, stored, bytes, decoded, found);
            bytes.removeLast();
            decoded.removeLast();
        }
    }

    private static boolean joins(Query query, List<List<Object>> rows) {
        return query.joins().stream().allMatch(join -> join == null || test(join, rows, Identity.ZERO));
    }

    private static boolean test(Where where, List<List<Object>> rows, Identity sender) {
        return switch (where) {
            case Where.Value(Ref column, Kind kind, Statement.Operator operator, Object value) ->
                operator.accepts(kind.compare(value(rows, column), value == null ? sender : kind.ofLiteral(value)));
            case Where.Columns(Ref left, Kind kind, Statement.Operator operator, Ref right) ->
                operator.accepts(kind.compare(value(rows, left), value(rows, right)));
            case Where.Both(List<Where> parts) -> parts.stream().allMatch(part -> test(part, rows, sender));
            case Where.Either(List<Where> parts) -> parts.stream().anyMatch(part -> test(part, rows, sender));
        };
    }

    private static Object value(List<List<Object>> rows, Ref ref) {
        return rows.get(ref.source()).get(ref.column());
    }

    private static Bytes result(Query query, List<Bytes> bytes, List<List<Object>> decoded) {
        if (query.output() != Output.COLUMNS) {
            return bytes.get(query.returned());
        }
        BsatnWriter out = new BsatnWriter();
        for (Ref column : query.columns()) {
            kind(query.sources(), column).write(value(decoded, column), out);
        }
        return out.toBytes();
    }
}
