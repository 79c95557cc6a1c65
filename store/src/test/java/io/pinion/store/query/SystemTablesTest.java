package io.pinion.store.query;

import static io.pinion.store.schema.RawModuleBuilder.aModule;
import static io.pinion.store.value.AlgebraicType.element;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.IndexRange;
import io.pinion.store.tx.ModuleFacts;
import io.pinion.store.tx.ModuleFacts.ProgramKind;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Ref;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Hashes;
import io.pinion.store.value.Identity;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.SatsJson.Spelling;
import io.pinion.store.value.TypeCodec;
import io.pinion.store.value.Typespace;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The system tables as SQL shows them. */
class SystemTablesTest {
    private static final Identity ANN = Identity.derive("localhost", "ann");
    private static final Caller OWNER = new Caller(ANN, true);
    private static final Caller STRANGER = new Caller(Identity.derive("localhost", "bob"), false);

    /** Table, then columns: {@code name type}. As the specification lists them. */
    private static final List<String> TABLES = List.of(
            "st_table: table_id U32, table_name String, table_type String, table_access String, table_primary_key U16[]?",
            "st_column: table_id U32, col_pos U16, col_name String, col_type U8[]",
            "st_sequence: sequence_id U32, sequence_name String, table_id U32, col_pos U16, increment I128, start I128,"
                    + " min_value I128, max_value I128, allocated I128",
            "st_index: index_id U32, table_id U32, index_name String,"
                    + " index_algorithm {Unused U128, BTree U16[], Direct U16, Hash U16[]}",
            "st_constraint: constraint_id U32, constraint_name String, table_id U32,"
                    + " constraint_data {Unused U128, Unique U16[]}",
            "st_module: database_identity U256, owner_identity U256, program_kind U8, program_hash U256,"
                    + " program_bytes U8[], module_version String",
            "st_client: identity U256, connection_id U128",
            "st_var: name String, value {Bool Bool, I8 I8, U8 U8, I16 I16, U16 U16, I32 I32, U32 U32, I64 I64, U64 U64,"
                    + " I128 I128, U128 U128, F32 F32, F64 F64, String String}",
            "st_scheduled: schedule_id U32, table_id U32, reducer_name String, schedule_name String, at_column U16",
            "st_row_level_security: table_id U32, sql String",
            "st_connection_credentials: connection_id U128, jwt_payload String",
            "st_view: view_id U32, view_name String, table_id U32?, is_public Bool, is_anonymous Bool",
            "st_view_param: view_id U32, param_pos U16, param_name String, param_type U8[]",
            "st_view_column: view_id U32, col_pos U16, col_name String, col_type U8[]",
            "st_view_sub: view_id U32, arg_id U64, identity U256, num_subscribers U64, has_subscribers Bool,"
                    + " last_called I64",
            "st_view_arg: id U64, bytes U8[]",
            "st_event_table: table_id U32",
            "st_table_accessor: table_name String, accessor_name String",
            "st_index_accessor: index_name String, accessor_name String",
            "st_column_accessor: table_name String, col_name String, accessor_name String");

    private static final List<String> CONSTRAINTS = List.of(
            "st_table_table_id_key",
            "st_table_table_name_key",
            "st_column_table_id_col_pos_key",
            "st_sequence_sequence_id_key",
            "st_index_index_id_key",
            "st_constraint_constraint_id_key",
            "st_client_identity_connection_id_key",
            "st_var_name_key",
            "st_scheduled_schedule_id_key",
            "st_scheduled_table_id_key",
            "st_row_level_security_sql_key",
            "st_connection_credentials_connection_id_key",
            "st_view_view_id_key",
            "st_view_view_name_key",
            "st_view_param_view_id_param_pos_key",
            "st_view_column_view_id_col_pos_key",
            "st_view_arg_id_key",
            "st_view_arg_bytes_key",
            "st_event_table_table_id_key",
            "st_table_accessor_table_name_key",
            "st_table_accessor_accessor_name_key",
            "st_index_accessor_index_name_key",
            "st_index_accessor_accessor_name_key",
            "st_column_accessor_table_name_col_name_key",
            "st_column_accessor_table_name_accessor_name_key");

    private static final List<String> INDEXES = List.of(
            "st_table_table_id",
            "st_table_table_name",
            "st_column_table_id_col_pos",
            "st_sequence_sequence_id",
            "st_index_index_id",
            "st_constraint_constraint_id",
            "st_client_identity_connection_id",
            "st_var_name",
            "st_scheduled_schedule_id",
            "st_scheduled_table_id",
            "st_row_level_security_table_id",
            "st_row_level_security_sql",
            "st_connection_credentials_connection_id",
            "st_view_view_id",
            "st_view_view_name",
            "st_view_param_view_id_param_pos",
            "st_view_column_view_id_col_pos",
            "st_view_sub_identity",
            "st_view_sub_has_subscribers",
            "st_view_sub_view_id_arg_id_identity",
            "st_view_arg_id",
            "st_view_arg_bytes",
            "st_event_table_table_id",
            "st_table_accessor_table_name",
            "st_table_accessor_accessor_name",
            "st_index_accessor_index_name",
            "st_index_accessor_accessor_name",
            "st_column_accessor_table_name_col_name",
            "st_column_accessor_table_name_accessor_name");

    private static Datastore datastore(String module) {
        return Datastore.create(definition(module));
    }

    private static ModuleDef definition(String module) {
        try (InputStream in = Objects.requireNonNull(
                SystemTablesTest.class.getResourceAsStream("/vectors/moduledef/" + module + ".bin"))) {
            return ModuleDef.of(Bytes.wrap(in.readAllBytes()));
        } catch (IOException | InvalidModuleDefException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> run(Datastore store, String sql) {
        return run(store, sql, OWNER);
    }

    /** Rows as positional JSON, sorted, in a transaction of their own. */
    private static List<String> run(Datastore store, String sql, Caller caller) {
        Transaction transaction = store.begin();
        try {
            return run(store, transaction, sql, caller);
        } finally {
            transaction.rollback();
        }
    }

    private static List<String> run(Datastore store, RowSource source, String sql, Caller caller) {
        SelectPlan plan = (SelectPlan) SqlPlanner.plan(sql, new DatastoreCatalog(store), caller);
        List<String> rows = new ArrayList<>();
        plan.execute(
                source,
                ScanLimit.none(),
                (bytes, offset, length) -> rows.add(SatsJson.toJson(
                        Spelling.POSITIONAL, Typespace.EMPTY, plan.resultType(), Bytes.copyOf(bytes, offset, length))));
        rows.sort(null);
        return rows;
    }

    // The system's own

    @Test
    void theSystemsTablesHaveTheirNamesIdsAndColumnsInEveryDatabase() {
        Datastore store = datastore("weblet");

        for (int id = 1; id <= TABLES.size(); id++) {
            String name = TABLES.get(id - 1).substring(0, TABLES.get(id - 1).indexOf(':'));
            String access = name.equals("st_connection_credentials") ? "private" : "public";
            assertEquals(id, store.tableId(name));
            assertEquals(
                    List.of("[\"" + name + "\",\"system\",\"" + access + "\"]"),
                    run(store, "SELECT table_name, table_type, table_access FROM st_table WHERE table_id = " + id));
            AlgebraicType.Product row = ((SelectPlan)
                            SqlPlanner.plan("SELECT * FROM " + name, new DatastoreCatalog(store), OWNER))
                    .resultType();
            assertEquals(TABLES.get(id - 1), name + ": " + spelled(row.elements()));
            assertEquals(
                    row.elements().size(),
                    run(store, "SELECT col_pos FROM st_column WHERE table_id = " + id)
                            .size());
        }
        assertEquals(
                List.of("[" + TABLES.size() + "]"),
                run(store, "SELECT COUNT(*) AS n FROM st_table WHERE table_type = 'system'"));
    }

    private static String spelled(List<AlgebraicType.Element> elements) {
        return elements.stream()
                .map(element -> element.name() + " " + spelled(element.type()))
                .collect(Collectors.joining(", "));
    }

    private static String spelled(AlgebraicType type) {
        return switch (type) {
            case Primitive primitive -> primitive.spelling();
            case Array(AlgebraicType element) -> spelled(element) + "[]";
            case AlgebraicType.Sum(List<AlgebraicType.Element> variants) ->
                Objects.equals(variants.getFirst().name(), "some")
                        ? spelled(variants.getFirst().type()) + "?"
                        : "{" + spelled(variants) + "}";
            default -> throw new AssertionError(type);
        };
    }

    @Test
    void theSystemsOwnObjectsHaveFixedIds() {
        Datastore store = datastore("weblet");
        String below = " WHERE table_id < 4096";

        assertEquals(
                numbered(CONSTRAINTS, ""),
                run(store, "SELECT constraint_id, constraint_name FROM st_constraint" + below));
        assertEquals(numbered(INDEXES, "_idx_btree"), run(store, "SELECT index_id, index_name FROM st_index" + below));
        assertEquals(
                numbered(
                        List.of(
                                "st_table_table_id",
                                "st_index_index_id",
                                "st_constraint_constraint_id",
                                "st_scheduled_schedule_id",
                                "st_sequence_sequence_id",
                                "st_view_view_id",
                                "st_view_arg_id"),
                        "_seq"),
                run(store, "SELECT sequence_id, sequence_name FROM st_sequence" + below));
        assertEquals(
                List.of("[4097,4096]"),
                run(store, "SELECT start, allocated FROM st_sequence WHERE sequence_name = 'st_view_arg_id_seq'"));
        assertEquals(store.indexId("st_table_table_name_idx_btree"), 2);
    }

    private static List<String> numbered(List<String> names, String suffix) {
        return IntStream.range(0, names.size())
                .mapToObj(i -> "[" + (i + 1) + ",\"" + names.get(i) + suffix + "\"]")
                .sorted()
                .toList();
    }

    @Test
    void keysAndAccessAreToldAsTheDefinitionHasThem() {
        Datastore store = datastore("inventory");

        assertEquals(
                List.of(
                        "[4096,\"BankAccount\",\"user\",\"private\",[0,[0]]]",
                        "[4097,\"item\",\"user\",\"public\",[0,[0]]]",
                        "[4098,\"pulse\",\"user\",\"public\",[1,[]]]"),
                run(store, "SELECT * FROM st_table WHERE table_type = 'user'"));
        assertEquals(List.of("[4098]"), run(store, "SELECT * FROM st_event_table"));
        assertEquals(
                List.of("[\"BankAccount\",\"account\"]", "[\"item\",\"item\"]", "[\"pulse\",\"pulse\"]"),
                run(store, "SELECT * FROM st_table_accessor"));
        assertEquals(
                List.of("[\"item_id\",\"itemId\"]"),
                run(store, "SELECT col_name, accessor_name FROM st_column_accessor WHERE accessor_name = 'itemId'"));
        assertEquals(
                List.of("[\"item_kind_lookup\",[3,[3]]]", "[\"item_slot_idx_direct\",[1,[2]]]"),
                List.of(
                        run(
                                        store,
                                        "SELECT index_name, index_algorithm FROM st_index WHERE index_name = 'item_kind_lookup'")
                                .getFirst(),
                        run(
                                        store,
                                        "SELECT index_name, index_algorithm FROM st_index WHERE index_name = 'item_slot_idx_direct'")
                                .getFirst()
                                .replace("[2,2]", "[1,[2]]")));
        assertEquals(
                List.of("[\"item_kindCode_idx_hash\"]"),
                run(store, "SELECT accessor_name FROM st_index_accessor WHERE index_name = 'item_kind_lookup'"));
        assertEquals(
                List.of("[4097,\"SELECT * FROM item WHERE enabled = true\"]").size(),
                run(store, "SELECT * FROM st_row_level_security WHERE table_id = 4097")
                        .size());
        assertEquals(
                List.of("[[1,[0]]]", "[[1,[4]]]"),
                run(store, "SELECT constraint_data FROM st_constraint WHERE table_id = 4097"));
    }

    @Test
    void typesOfColumnsAreInlined() {
        Datastore store = datastore("inventory");
        AlgebraicType rarity =
                store.table("item").orElseThrow().rowType().elements().get(5).type();

        assertEquals(
                List.of("[\"" + TypeCodec.toBsatn(rarity).toHex() + "\"]"),
                run(store, "SELECT col_type FROM st_column WHERE table_id = 4097 AND col_name = 'rarity'"));
    }

    @Test
    void schedulesNameTheirTableFunctionAndColumn() {
        assertEquals(
                List.of(
                        "[4096,4096,\"run_fetch\",\"fetch_jobs_sched\",2]",
                        "[4097,4097,\"run_tick\",\"tick_sched\",1]"),
                run(datastore("timers"), "SELECT * FROM st_scheduled"));
    }

    @Test
    void viewsAreListedWithTheTablesBehindThemWhichFollowAllOthers() {
        Datastore store = datastore("lenses");

        assertEquals(
                List.of(
                        "[4096,\"everyone\",[0,4097],true,true]",
                        "[4097,\"high_levels\",[0,4098],true,false]",
                        "[4098,\"level_histogram\",[0,4099],true,true]",
                        "[4099,\"me\",[0,4100],true,false]"),
                run(store, "SELECT * FROM st_view"));
        assertEquals(
                List.of("[4099,\"level_histogram\",\"user\",\"public\",[1,[]]]"),
                run(store, "SELECT * FROM st_table WHERE table_id = 4099"));
        assertEquals(
                List.of("[0,\"arg_hash\"]", "[1,\"bucket\"]", "[2,\"count\"]"),
                run(store, "SELECT col_pos, col_name FROM st_column WHERE table_id = 4099"));
        assertEquals(
                List.of("[0,\"bucket\"]", "[1,\"count\"]"),
                run(store, "SELECT col_pos, col_name FROM st_view_column WHERE view_id = 4098"));
        assertEquals(
                List.of(
                        "[\"level_histogram_arg_hash_bucket_idx_btree\",[1,[0,1]]]",
                        "[\"level_histogram_arg_hash_idx_btree\",[1,[0]]]"),
                run(store, "SELECT index_name, index_algorithm FROM st_index WHERE table_id = 4099"));
        assertEquals(
                List.of("[\"level_histogram_arg_hash_bucket_key\",[1,[0,1]]]"),
                run(store, "SELECT constraint_name, constraint_data FROM st_constraint WHERE table_id = 4099"));
        assertThrows(SqlException.class, () -> run(store, "SELECT arg_hash FROM me"));
        assertEquals(List.of(), run(store, "SELECT * FROM me"));
    }

    @Test
    void parametersOfViewsGoByTheirCanonicalNamesAndDeclaredTypes() throws InvalidModuleDefException {
        Datastore store = Datastore.create(aModule()
                .table("t", table -> table.column("id", Primitive.U64))
                .view("mine", 0, false, new Array(new Ref(0)), element("maxLevel", new Ref(0)))
                .build());

        String type = TypeCodec.toBsatn(new Ref(0)).toHex();
        assertEquals(List.of("[4096,0,\"max_level\",\"" + type + "\"]"), run(store, "SELECT * FROM st_view_param"));
    }

    @Test
    void objectsOfSubmodulesCarryTheirPath() {
        Datastore store = datastore("nested");

        assertTrue(run(store, "SELECT table_name FROM st_table WHERE table_type = 'user'")
                .containsAll(List.of("[\"UserRow\"]", "[\"auth.session\"]", "[\"auth.live_sessions\"]")));
        assertEquals(
                List.of("[\"auth.session_token_idx_btree\"]", "[\"auth.session_user_id_idx_btree\"]"),
                run(store, "SELECT index_name FROM st_index WHERE table_id = " + store.tableId("auth.session")));
        assertEquals(
                List.of("[\"token\",\"token\"]", "[\"user_id\",\"userId\"]"),
                run(store, "SELECT col_name, accessor_name FROM st_column_accessor WHERE table_name = 'auth.session'"));
    }

    // What changes at run time

    @Test
    void aSequenceShowsTheValueHandedOutLastAndIsUndoneWithTheTransaction() {
        Datastore store = datastore("timers");
        String allocated = "SELECT allocated FROM st_sequence WHERE sequence_name = 'tick_scheduled_id_seq'";
        assertEquals(List.of("[0]"), run(store, allocated));

        Transaction transaction = store.begin();
        insertTick(store, transaction, "a");
        insertTick(store, transaction, "b");
        assertEquals(List.of("[2]"), run(store, transaction, allocated, OWNER));
        transaction.rollback();
        assertEquals(List.of("[0]"), run(store, allocated));

        Transaction kept = store.begin();
        insertTick(store, kept, "c");
        kept.commit();
        try (FrozenView view = store.freeze("test")) {
            Transaction later = store.begin();
            insertTick(store, later, "d");
            later.commit();
            assertEquals(List.of("[1]"), run(store, view.reader(), allocated, OWNER));
        }
        assertEquals(List.of("[2]"), run(store, allocated));
    }

    private static void insertTick(Datastore store, Transaction transaction, String payload) {
        BsatnWriter row =
                new BsatnWriter().writeLong(0).writeByte(1).writeLong(5).writeString(payload);
        assertEquals(
                StoreCode.OK,
                transaction.insert(store.tableId("tick"), row.buffer(), 0, row.length(), new BsatnWriter()));
    }

    @Test
    void theModulesProgramIsShownToItsOwnerOnly() {
        Datastore store = datastore("weblet");
        Bytes program = Bytes.ofUtf8("export default 1");
        Bytes hash = Hashes.keccak256(program);
        assertEquals(List.of(), run(store, "SELECT * FROM st_module"));
        store.describe(
                new ModuleFacts(STRANGER.identity(), ANN, ProgramKind.JAVASCRIPT, hash, () -> Optional.of(program)));

        String known = "[\"0x" + STRANGER.identity().toHex() + "\",\"0x" + ANN.toHex() + "\",1,\""
                + Hashes.toJsonText(hash) + "\",";
        assertEquals(
                List.of(known + "\"" + program.toHex() + "\",\"\"]"), run(store, "SELECT * FROM st_module", OWNER));
        assertEquals(List.of(known + "\"\",\"\"]"), run(store, "SELECT * FROM st_module", STRANGER));
        String guess = "SELECT program_kind FROM st_module WHERE program_bytes = 0x" + program.toHex();
        assertEquals(List.of("[1]"), run(store, guess, OWNER));
        assertEquals(List.of(), run(store, guess, STRANGER));
    }

    @Test
    void connectionsAreForEverybodyToSeeAndTheirClaimsForTheOwner() {
        Datastore store = datastore("weblet");
        Transaction transaction = store.begin();
        store.records().connect(ANN, ConnectionId.parse("2a".repeat(16)), "{\"sub\":\"ann\"}");
        transaction.commit();

        assertEquals(1, run(store, "SELECT * FROM st_client", STRANGER).size());
        assertTrue(run(store, "SELECT jwt_payload FROM st_connection_credentials", OWNER)
                .getFirst()
                .contains("ann"));
        assertThrows(SqlException.class, () -> run(store, "SELECT * FROM st_connection_credentials", STRANGER));
    }

    // Who may do what, and when it changes

    @Test
    void theModuleMayReadSystemTablesAndNotWriteThem() {
        Datastore store = datastore("lenses");
        Transaction transaction = store.begin();
        int clients = transaction.tableId("st_client");
        int byId = transaction.indexId("st_table_table_id_idx_btree");
        BsatnWriter client = new BsatnWriter().writeIdentity(ANN).writeConnectionId(ConnectionId.NONE);
        BsatnWriter relation = new BsatnWriter().writeInt(1).writeRaw(client.toBytes());
        BsatnWriter key = new BsatnWriter().writeInt(4096);

        assertEquals(7, clients);
        assertEquals(25, transaction.rowCount(transaction.tableId("st_table")));
        assertEquals(StoreCode.NO_SUCH_TABLE, insert(transaction, clients, client));
        assertEquals(
                StoreCode.NO_SUCH_TABLE,
                transaction.update(clients, 7, client.buffer(), 0, client.length(), new BsatnWriter()));
        assertEquals(-StoreCode.NO_SUCH_TABLE, transaction.clear(1));
        assertEquals(
                -StoreCode.NO_SUCH_TABLE, transaction.deleteAllByEq(clients, relation.buffer(), 0, relation.length()));
        assertEquals(-StoreCode.NO_SUCH_INDEX, transaction.deletePoint(byId, key.buffer(), 0, key.length()));
        assertEquals(-StoreCode.NO_SUCH_TABLE, transaction.clear(transaction.tableId("me")));
        assertEquals(StoreCode.NO_SUCH_TABLE, transaction.scanTable(21, (_, _, _) -> {}));
        assertEquals(StoreCode.NO_SUCH_INDEX, transaction.scanPoint(30, key.buffer(), 0, 4, (_, _, _) -> {}));

        List<Integer> found = new ArrayList<>();
        assertEquals(
                StoreCode.OK,
                transaction.scanPoint(byId, key.buffer(), 0, key.length(), (_, _, length) -> found.add(length)));
        BsatnWriter bounds = new BsatnWriter().writeByte(0).writeInt(19).writeByte(2);
        IndexRange range =
                new IndexRange().prefix(bounds.buffer(), 0, 0, 0).start(0, 5).end(5, 1);
        assertEquals(StoreCode.OK, transaction.scanRange(byId, range, (_, _, length) -> found.add(length)));
        assertEquals(1 + 2 + 5, found.size());
    }

    private static int insert(Transaction transaction, int table, BsatnWriter row) {
        return transaction.insert(table, row.buffer(), 0, row.length(), new BsatnWriter());
    }

    @Test
    void anUpdateShowsAtOnceAndAnOlderViewKeepsItsOwn() throws InvalidModuleDefException {
        Datastore store = Datastore.create(
                aModule().table("b", table -> table.column("id", Primitive.U64)).build());
        String names = "SELECT table_id, table_name FROM st_table WHERE table_type = 'user'";
        try (FrozenView before = store.freeze("test")) {
            store.tryUpdate(aModule()
                    .table("b", table -> table.column("id", Primitive.U64))
                    .table("a", table -> table.column("id", Primitive.U64))
                    .build());

            assertEquals(List.of("[4096,\"b\"]", "[4097,\"a\"]"), run(store, names));
            assertEquals(List.of("[4096,\"b\"]"), run(store, before.reader(), names, OWNER));
        }
    }

    @Test
    void databasesWithOneDescriptionShareItsDefinition() {
        assertSame(definition("timers"), definition("timers"));
    }
}
