package io.pinion.store.tx;

import static io.pinion.store.value.AlgebraicType.Primitive.BOOL;
import static io.pinion.store.value.AlgebraicType.Primitive.F32;
import static io.pinion.store.value.AlgebraicType.Primitive.F64;
import static io.pinion.store.value.AlgebraicType.Primitive.I128;
import static io.pinion.store.value.AlgebraicType.Primitive.I16;
import static io.pinion.store.value.AlgebraicType.Primitive.I32;
import static io.pinion.store.value.AlgebraicType.Primitive.I64;
import static io.pinion.store.value.AlgebraicType.Primitive.I8;
import static io.pinion.store.value.AlgebraicType.Primitive.STRING;
import static io.pinion.store.value.AlgebraicType.Primitive.U128;
import static io.pinion.store.value.AlgebraicType.Primitive.U16;
import static io.pinion.store.value.AlgebraicType.Primitive.U256;
import static io.pinion.store.value.AlgebraicType.Primitive.U32;
import static io.pinion.store.value.AlgebraicType.Primitive.U64;
import static io.pinion.store.value.AlgebraicType.Primitive.U8;

import io.pinion.store.tx.Schema.IndexPlace;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Element;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tables that every database has, with the ids that they and all of theirs have everywhere. */
final class SystemSchema {
    static final int ST_TABLE = 1;
    static final int ST_COLUMN = 2;
    static final int ST_SEQUENCE = 3;
    static final int ST_INDEX = 4;
    static final int ST_CONSTRAINT = 5;
    static final int ST_MODULE = 6;
    static final int ST_CLIENT = 7;
    static final int ST_VAR = 8;
    static final int ST_SCHEDULED = 9;
    static final int ST_ROW_LEVEL_SECURITY = 10;
    static final int ST_CONNECTION_CREDENTIALS = 11;
    static final int ST_VIEW = 12;
    static final int ST_VIEW_PARAM = 13;
    static final int ST_VIEW_COLUMN = 14;
    static final int ST_VIEW_SUB = 15;
    static final int ST_VIEW_ARG = 16;
    static final int ST_EVENT_TABLE = 17;
    static final int ST_TABLE_ACCESSOR = 18;
    static final int ST_INDEX_ACCESSOR = 19;
    static final int ST_COLUMN_ACCESSOR = 20;

    /**
     * {@link #ST_MODULE} as callers other than the owner may see it: without the program. No name leads here and no table
     * lists it.
     */
    static final int ST_MODULE_IN_PUBLIC = Datastore.FIRST_ID - 1;

    private static final AlgebraicType BYTES = new Array(U8);
    private static final AlgebraicType COLUMNS = new Array(U16);
    private static final AlgebraicType INDEX_ALGORITHM = AlgebraicType.sum(
            variant("Unused", U128), variant("BTree", COLUMNS), variant("Direct", U16), variant("Hash", COLUMNS));
    private static final AlgebraicType CONSTRAINT_DATA =
            AlgebraicType.sum(variant("Unused", U128), variant("Unique", COLUMNS));
    private static final AlgebraicType VARIABLE = AlgebraicType.sum(
            variant("Bool", BOOL),
            variant("I8", I8),
            variant("U8", U8),
            variant("I16", I16),
            variant("U16", U16),
            variant("I32", I32),
            variant("U32", U32),
            variant("I64", I64),
            variant("U64", U64),
            variant("I128", I128),
            variant("U128", U128),
            variant("F32", F32),
            variant("F64", F64),
            variant("String", STRING));

    /** By ascending id. */
    static final List<TableSchema> TABLES = List.of(
            new SystemTable(ST_TABLE, "st_table")
                    .column("table_id", U32)
                    .column("table_name", STRING)
                    .column("table_type", STRING)
                    .column("table_access", STRING)
                    .column("table_primary_key", AlgebraicType.option(COLUMNS))
                    .primaryKey(0)
                    .unique(1, 1, "table_id")
                    .unique(2, 2, "table_name")
                    .sequence(1, "table_id")
                    .build(),
            new SystemTable(ST_COLUMN, "st_column")
                    .column("table_id", U32)
                    .column("col_pos", U16)
                    .column("col_name", STRING)
                    .column("col_type", BYTES)
                    .unique(3, 3, "table_id", "col_pos")
                    .build(),
            new SystemTable(ST_SEQUENCE, "st_sequence")
                    .column("sequence_id", U32)
                    .column("sequence_name", STRING)
                    .column("table_id", U32)
                    .column("col_pos", U16)
                    .column("increment", I128)
                    .column("start", I128)
                    .column("min_value", I128)
                    .column("max_value", I128)
                    .column("allocated", I128)
                    .primaryKey(0)
                    .unique(4, 4, "sequence_id")
                    .sequence(5, "sequence_id")
                    .build(),
            new SystemTable(ST_INDEX, "st_index")
                    .column("index_id", U32)
                    .column("table_id", U32)
                    .column("index_name", STRING)
                    .column("index_algorithm", INDEX_ALGORITHM)
                    .primaryKey(0)
                    .unique(5, 5, "index_id")
                    .sequence(2, "index_id")
                    .build(),
            new SystemTable(ST_CONSTRAINT, "st_constraint")
                    .column("constraint_id", U32)
                    .column("constraint_name", STRING)
                    .column("table_id", U32)
                    .column("constraint_data", CONSTRAINT_DATA)
                    .primaryKey(0)
                    .unique(6, 6, "constraint_id")
                    .sequence(3, "constraint_id")
                    .build(),
            module(ST_MODULE),
            new SystemTable(ST_CLIENT, "st_client")
                    .column("identity", U256)
                    .column("connection_id", U128)
                    .unique(7, 7, "identity", "connection_id")
                    .build(),
            new SystemTable(ST_VAR, "st_var")
                    .column("name", STRING)
                    .column("value", VARIABLE)
                    .primaryKey(0)
                    .unique(8, 8, "name")
                    .build(),
            new SystemTable(ST_SCHEDULED, "st_scheduled")
                    .column("schedule_id", U32)
                    .column("table_id", U32)
                    .column("reducer_name", STRING)
                    .column("schedule_name", STRING)
                    .column("at_column", U16)
                    .primaryKey(0)
                    .unique(9, 9, "schedule_id")
                    .unique(10, 10, "table_id")
                    .sequence(4, "schedule_id")
                    .build(),
            new SystemTable(ST_ROW_LEVEL_SECURITY, "st_row_level_security")
                    .column("table_id", U32)
                    .column("sql", STRING)
                    .primaryKey(1)
                    .index(11, "table_id")
                    .unique(11, 12, "sql")
                    .build(),
            new SystemTable(ST_CONNECTION_CREDENTIALS, "st_connection_credentials")
                    .column("connection_id", U128)
                    .column("jwt_payload", STRING)
                    .primaryKey(0)
                    .unique(12, 13, "connection_id")
                    .isPrivate()
                    .build(),
            new SystemTable(ST_VIEW, "st_view")
                    .column("view_id", U32)
                    .column("view_name", STRING)
                    .column("table_id", AlgebraicType.option(U32))
                    .column("is_public", BOOL)
                    .column("is_anonymous", BOOL)
                    .primaryKey(0)
                    .unique(13, 14, "view_id")
                    .unique(14, 15, "view_name")
                    .sequence(6, "view_id")
                    .build(),
            new SystemTable(ST_VIEW_PARAM, "st_view_param")
                    .column("view_id", U32)
                    .column("param_pos", U16)
                    .column("param_name", STRING)
                    .column("param_type", BYTES)
                    .unique(15, 16, "view_id", "param_pos")
                    .build(),
            new SystemTable(ST_VIEW_COLUMN, "st_view_column")
                    .column("view_id", U32)
                    .column("col_pos", U16)
                    .column("col_name", STRING)
                    .column("col_type", BYTES)
                    .unique(16, 17, "view_id", "col_pos")
                    .build(),
            new SystemTable(ST_VIEW_SUB, "st_view_sub")
                    .column("view_id", U32)
                    .column("arg_id", U64)
                    .column("identity", U256)
                    .column("num_subscribers", U64)
                    .column("has_subscribers", BOOL)
                    .column("last_called", I64)
                    .index(18, "identity")
                    .index(19, "has_subscribers")
                    .index(20, "view_id", "arg_id", "identity")
                    .build(),
            new SystemTable(ST_VIEW_ARG, "st_view_arg")
                    .column("id", U64)
                    .column("bytes", BYTES)
                    .primaryKey(0)
                    .unique(17, 21, "id")
                    .unique(18, 22, "bytes")
                    .sequence(7, "id")
                    .build(),
            new SystemTable(ST_EVENT_TABLE, "st_event_table")
                    .column("table_id", U32)
                    .primaryKey(0)
                    .unique(19, 23, "table_id")
                    .build(),
            new SystemTable(ST_TABLE_ACCESSOR, "st_table_accessor")
                    .column("table_name", STRING)
                    .column("accessor_name", STRING)
                    .unique(20, 24, "table_name")
                    .unique(21, 25, "accessor_name")
                    .build(),
            new SystemTable(ST_INDEX_ACCESSOR, "st_index_accessor")
                    .column("index_name", STRING)
                    .column("accessor_name", STRING)
                    .unique(22, 26, "index_name")
                    .unique(23, 27, "accessor_name")
                    .build(),
            new SystemTable(ST_COLUMN_ACCESSOR, "st_column_accessor")
                    .column("table_name", STRING)
                    .column("col_name", STRING)
                    .column("accessor_name", STRING)
                    .unique(24, 28, "table_name", "col_name")
                    .unique(25, 29, "table_name", "accessor_name")
                    .build());

    private static final TableSchema MODULE_IN_PUBLIC = module(ST_MODULE_IN_PUBLIC);
    private static final Map<Integer, IndexPlace> INDEXES = new HashMap<>();

    static {
        for (TableSchema table : TABLES) {
            for (int i = 0; i < table.indexes().size(); i++) {
                INDEXES.put(table.indexes().get(i).id(), new IndexPlace(table, i));
            }
        }
    }

    private SystemSchema() {}

    private static TableSchema module(int id) {
        return new SystemTable(id, "st_module")
                .column("database_identity", U256)
                .column("owner_identity", U256)
                .column("program_kind", U8)
                .column("program_hash", U256)
                .column("program_bytes", BYTES)
                .column("module_version", STRING)
                .build();
    }

    private static Element variant(String name, AlgebraicType type) {
        return new Element(name, type);
    }

    @Nullable
    static TableSchema table(int id) {
        if (id == ST_MODULE_IN_PUBLIC) {
            return MODULE_IN_PUBLIC;
        }
        return id >= 1 && id <= TABLES.size() ? TABLES.get(id - 1) : null;
    }

    @Nullable
    static IndexPlace index(int id) {
        return INDEXES.get(id);
    }

    /** Whether rows come and go at run time, rather than follow from the definition. */
    static boolean isWritten(int id) {
        return id == ST_CLIENT || id == ST_VAR || id == ST_CONNECTION_CREDENTIALS;
    }
}
