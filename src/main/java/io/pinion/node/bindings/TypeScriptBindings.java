package io.pinion.node.bindings;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.node.bindings.Definition.Function;
import io.pinion.node.bindings.Definition.Index;
import io.pinion.node.bindings.Definition.Table;
import io.pinion.node.bindings.Definition.TypeUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A TypeScript module for the npm package {@code spacetimedb} of major version 2: the types of a module, its tables and
 * views, its reducers and procedures, and a connection that knows them. One file, so that it is whole or not there. The
 * same definition always gives the same text. Used once.
 */
public final class TypeScriptBindings {
    /** What the file is called. */
    public static final String FILE = "index.ts";

    /** What the text exports besides types of the module. */
    private static final Set<String> EXPORTS = Set.of(
            "DbConnection",
            "DbConnectionBuilder",
            "ErrorContext",
            "EventContext",
            "ReducerEventContext",
            "REMOTE_MODULE",
            "SubscriptionBuilder",
            "SubscriptionEventContext",
            "procedures",
            "reducers",
            "tables");

    private static final String HEAD = """
            // Written by `pinion generate`. Do not edit: it is written anew when the module changes.
            /* eslint-disable */
            """;

    /** From the package; each is called like this with underscores before it. */
    private static final List<String> IMPORTS = List.of(
            "DbConnectionBuilder",
            "DbConnectionImpl",
            "SubscriptionBuilderImpl",
            "convertToAccessorMap",
            "makeQueryBuilder",
            "procedureSchema",
            "procedures",
            "reducerSchema",
            "reducers",
            "schema",
            "t",
            "table",
            "type AlgebraicType",
            "type ConnectionId",
            "type DbConnectionConfig",
            "type ErrorContextInterface",
            "type EventContextInterface",
            "type Identity",
            "type Infer",
            "type ReducerEventContextInterface",
            "type RemoteModule",
            "type ScheduleAt",
            "type SubscriptionEventContextInterface",
            "type TimeDuration",
            "type Timestamp",
            "type TypeBuilder",
            "type Uuid");

    private static final String TAIL = """

            /** What a connection knows of the module. */
            export const REMOTE_MODULE = {
              // The client library checks the version of the API that this text was written for.
              versionInfo: { cliVersion: '2.10.1' as const },
              tables: __tables.schemaType.tables,
              reducers: __reducersOfModule.reducersType.reducers,
              ...__proceduresOfModule,
            } satisfies __RemoteModule<
              typeof __tables.schemaType,
              typeof __reducersOfModule.reducersType,
              typeof __proceduresOfModule
            >;

            /** Tables and views, for queries and for hooks. */
            export const tables = __makeQueryBuilder(__tables.schemaType);

            /** Reducers, for hooks. */
            export const reducers = __convertToAccessorMap(__reducersOfModule.reducersType.reducers);

            /** Procedures, for hooks. */
            export const procedures = __convertToAccessorMap(__proceduresOfModule.procedures);

            export type EventContext = __EventContextInterface<typeof REMOTE_MODULE>;
            export type ReducerEventContext = __ReducerEventContextInterface<typeof REMOTE_MODULE>;
            export type SubscriptionEventContext = __SubscriptionEventContextInterface<typeof REMOTE_MODULE>;
            export type ErrorContext = __ErrorContextInterface<typeof REMOTE_MODULE>;

            export class SubscriptionBuilder extends __SubscriptionBuilderImpl<typeof REMOTE_MODULE> {}

            export class DbConnectionBuilder extends __DbConnectionBuilder<DbConnection> {}

            /** A connection to a database with the module: `DbConnection.builder().withUri(…).withDatabaseName(…).build()`. */
            export class DbConnection extends __DbConnectionImpl<typeof REMOTE_MODULE> {
              static builder = (): DbConnectionBuilder =>
                new DbConnectionBuilder(
                  REMOTE_MODULE,
                  (config: __DbConnectionConfig<typeof REMOTE_MODULE>) => new DbConnection(config),
                );

              override subscriptionBuilder = (): SubscriptionBuilder => new SubscriptionBuilder(this);
            }
            """;

    private final Definition definition;
    private final TypeTexts types = new TypeTexts(EXPORTS);
    private final List<String> rows = new ArrayList<>();

    private TypeScriptBindings(Definition definition) {
        this.definition = definition;
    }

    /**
     * The text for a module.
     *
     * @param definition what the schema endpoint gives for version 10
     * @param withPrivate whether private tables and functions are in it, as a client of the owner may use
     * @throws BindingsException if it is no such definition, or two names of the module are one to clients
     */
    public static String of(JsonNode definition, boolean withPrivate) {
        return new TypeScriptBindings(DefinitionReader.read(definition, withPrivate)).text();
    }

    private String text() {
        String tables = tables();
        String reducers = functions("__reducersOfModule = __reducers", definition.reducers(), false);
        String procedures = functions("__proceduresOfModule = __procedures", definition.procedures(), true);
        List<String> parts = new ArrayList<>(types.declarations());
        parts.addAll(rows);
        parts.add(tables);
        parts.add(reducers);
        parts.add(procedures);
        String body = String.join("\n", parts) + TAIL;
        return HEAD + imports(body) + "\n" + body;
    }

    /** Only what is used: projects may refuse to compile the rest. */
    private static String imports(String body) {
        List<String> lines = new ArrayList<>();
        for (String imported : IMPORTS) {
            String alias = "__" + imported.substring(imported.indexOf(' ') + 1);
            if (Pattern.compile("\\b" + alias + "\\b").matcher(body).find()) {
                lines.add(imported + " as " + alias + ",");
            }
        }
        return "import {\n" + SourceText.indented(String.join("\n", lines)) + "\n} from 'spacetimedb';\n";
    }

    private String tables() {
        Accessors accessors = new Accessors();
        List<String> entries = new ArrayList<>();
        for (Table table : definition.tables()) {
            String accessor = accessors.of(table.name());
            entries.add(SourceText.key(accessor) + ": " + table(table, types.freeName(accessor + ".row")) + ",");
        }
        return "const __tables = __schema({" + block(entries) + "});\n";
    }

    private String table(Table table, String row) {
        Columns columns = new Columns(table, types);
        rows.add("export const " + row + " = __t.row({\n" + SourceText.indented(String.join("\n", columns.lines()))
                + "\n});\nexport type " + row + " = __Infer<typeof " + row + ">;\n");
        List<String> options = new ArrayList<>();
        options.add("name: " + SourceText.literal(table.name()) + ",");
        if (table.isEvent()) {
            options.add("event: true,");
        }
        List<String> indexes = indexes(table, columns);
        if (!indexes.isEmpty()) {
            options.add("indexes: [\n" + SourceText.indented(String.join("\n", indexes)) + "\n],");
        }
        return "__table(\n  {\n" + SourceText.indented(SourceText.indented(String.join("\n", options))) + "\n  },\n  "
                + row + ",\n)";
    }

    /** An index of one unique column, called like it, is there with the column. */
    private static List<String> indexes(Table table, Columns columns) {
        Accessors accessors = columns.indexAccessors();
        List<String> lines = new ArrayList<>();
        for (Index index : table.indexes()) {
            if (!columns.isIndexOfColumn(index)) {
                List<String> keys = index.columns().stream()
                        .map(column -> SourceText.literal(columns.key(column)))
                        .toList();
                String over = index.algorithm().equals("Direct")
                        ? "column: " + keys.getFirst()
                        : "columns: [" + String.join(", ", keys) + "]";
                lines.add("{ accessor: " + SourceText.literal(accessors.of(index.accessor())) + ", algorithm: "
                        + SourceText.literal(index.algorithm().toLowerCase(Locale.ROOT)) + ", " + over
                        + " },");
            }
        }
        return lines;
    }

    private String functions(String head, List<Function> functions, boolean haveResults) {
        Accessors accessors = new Accessors();
        List<String> entries = new ArrayList<>();
        for (Function function : functions) {
            String accessor = accessors.of(function.name());
            String schema = function(function, haveResults);
            entries.add(
                    accessor.equals(Accessors.ofLibrary(function.name()))
                            ? schema + ","
                            : "{ ..." + schema + ", accessorName: " + SourceText.literal(accessor) + " as const },");
        }
        return "const " + head + "(" + block(entries) + ");\n";
    }

    private String function(Function function, boolean hasResult) {
        List<String> keys = MemberKeys.of(function.parameters());
        List<String> parameters = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            parameters.add(SourceText.key(keys.get(i)) + ": "
                    + types.expression(function.parameters().get(i).type()) + ",");
        }
        TypeUse result = function.result();
        return (hasResult ? "__procedureSchema(" : "__reducerSchema(")
                + SourceText.literal(function.name())
                + ", {" + block(parameters) + "}"
                + (hasResult ? ", " + types.expression(result) : "")
                + ")";
    }

    /** What stands between brackets. */
    private static String block(List<String> lines) {
        return lines.isEmpty() ? "" : "\n" + SourceText.indented(String.join("\n", lines)) + "\n";
    }
}
