package io.pinion.store.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.TableInfo;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.SatsJson.Spelling;
import io.pinion.store.value.Typespace;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Queries over the tables of a real module, through the real indexes. */
class DatastoreQueryTest {
    private static final Identity ANN = Identity.derive("localhost", "ann");
    private static final Caller OWNER = new Caller(ANN, true);
    private static final Caller STRANGER = new Caller(Identity.derive("localhost", "bob"), false);

    private static final List<Identity> OWNERS =
            List.of(ANN, STRANGER.identity(), Identity.derive("localhost", "cem"), Identity.ZERO);
    private static final int ITEMS = 300;

    /** What the conditions of this test look at. */
    private record Item(long id, Identity owner, int slot, String kind, String label, int level, boolean enabled) {
        String toJson() {
            return "[%d,[\"0x%s\"],%d,\"%s\",\"%s\",[0,[]],[[1,7]],[0],\"00ff\",[1,[]],%d,%b,0.5,\"t\"]"
                    .formatted(id, owner.toHex(), slot, kind, label, level, enabled);
        }
    }

    private Datastore datastore;
    private Transaction transaction;
    private List<Item> items;

    @BeforeEach
    void fillATable() throws IOException, InvalidModuleDefException {
        try (InputStream in =
                Objects.requireNonNull(getClass().getResourceAsStream("/vectors/moduledef/inventory.bin"))) {
            datastore = Datastore.create(ModuleDef.of(Bytes.wrap(in.readAllBytes())));
        }
        transaction = datastore.begin();
        Random random = new Random(17);
        items = IntStream.rangeClosed(1, ITEMS).mapToObj(id -> item(id, random)).toList();
        TableInfo table = datastore.table("item").orElseThrow();
        for (Item item : items) {
            Bytes row = SatsJson.toBsatn(Typespace.EMPTY, table.rowType(), item.toJson());
            assertEquals(
                    StoreCode.OK,
                    transaction.insert(table.id(), row.unsafeArray(), 0, row.length(), new BsatnWriter()));
        }
    }

    private static Item item(int id, Random random) {
        return new Item(
                id,
                OWNERS.get(random.nextInt(OWNERS.size())),
                random.nextInt(8),
                "kind" + random.nextInt(5),
                "label'" + id,
                random.nextInt(5) - 2,
                random.nextBoolean());
    }

    /** One way to filter items, as SQL and as Java. */
    private record Filter(String sql, Predicate<Item> java) {}

    private static List<Filter> filters(Item like) {
        return List.of(
                new Filter("item_id = " + like.id(), item -> item.id() == like.id()),
                new Filter(
                        "\"ownerId\" = 0x" + like.owner().toHex(),
                        item -> item.owner().equals(like.owner())),
                new Filter("slot = " + like.slot(), item -> item.slot() == like.slot()),
                new Filter(
                        "item.kind_code = '" + like.kind() + "'",
                        item -> item.kind().equals(like.kind())),
                new Filter(
                        "label = '" + like.label().replace("'", "''") + "'",
                        item -> item.label().equals(like.label())),
                new Filter(like.level() + " = level_2", item -> item.level() == like.level()),
                new Filter(like.level() + " < level_2", item -> item.level() > like.level()),
                new Filter("enabled", Item::enabled),
                new Filter("owner_id <> :sender", item -> !item.owner().equals(ANN)));
    }

    @Test
    void anyConjunctionFindsWhatLookingAtEveryRowFinds() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Set<String> ways = new HashSet<>();

        for (int round = 0; round < 2_000; round++) {
            List<Filter> all = new ArrayList<>(filters(items.get(random.nextInt(ITEMS))));
            Collections.shuffle(all, random);
            List<Filter> some = all.subList(0, 1 + random.nextInt(4));
            String sql = "SELECT item_id FROM item WHERE ("
                    + some.stream().map(Filter::sql).collect(Collectors.joining(") AND (")) + ")";
            List<String> expected = items.stream()
                    .filter(item -> some.stream().allMatch(filter -> filter.java.test(item)))
                    .map(item -> "[" + item.id() + "]")
                    .sorted()
                    .toList();

            assertEquals(expected, run(sql, OWNER), "seed " + seed + ": " + sql);
            ways.add(plan(sql, OWNER).describe());
        }

        assertEquals(7, ways.size(), "five indexes, a prefix and the scan: " + ways);
    }

    @Test
    void countsAgreeWithRows() {
        assertEquals(List.of("[" + ITEMS + "]"), run("SELECT COUNT(*) AS n FROM item", OWNER));
        long enabled = items.stream().filter(Item::enabled).count();
        assertEquals(List.of("[" + enabled + "]"), run("SELECT COUNT(*) AS n FROM item WHERE enabled", OWNER));
    }

    @Test
    void wholeRowsComeBackAsTheyWentIn() {
        Item item = items.get(41);
        String json = item.toJson().replace("0x" + "0".repeat(64), "0x0");

        assertEquals(List.of(json), run("SELECT * FROM item WHERE label = 'label''42'", OWNER));
    }

    @Test
    void privateTablesAreTheOwnersAlone() {
        assertEquals(List.of(), run("SELECT * FROM BankAccount", OWNER));
        assertEquals(List.of(), run("SELECT * FROM account WHERE id = 1", OWNER));
        assertThrows(SqlException.class, () -> plan("SELECT * FROM account", STRANGER));
    }

    @Test
    void aRowRuleLetsOthersSeeTheirRowsAlone() {
        long bobs = items.stream()
                .filter(item -> item.owner().equals(STRANGER.identity()))
                .count();

        assertEquals(List.of("[" + bobs + "]"), run("SELECT COUNT(*) AS n FROM item", STRANGER));
        assertEquals(List.of("[" + ITEMS + "]"), run("SELECT COUNT(*) AS n FROM item", OWNER));
    }

    @Test
    void anEventTableIsEmptyToQueries() {
        assertEquals(List.of(), run("SELECT * FROM pulse", STRANGER));
        assertEquals(List.of("[0]"), run("SELECT COUNT(*) AS n FROM pulse", STRANGER));
    }

    @Test
    void aFrozenViewIsAskedThroughItsIndexesWhileTheTablesGoOn() {
        transaction.commit();
        String byKey = "SELECT item_id FROM item WHERE item_id = 17";
        try (FrozenView view = datastore.freeze("query")) {
            transaction = datastore.begin();
            transaction.clear(datastore.tableId("item"));

            SelectPlan plan = (SelectPlan) SqlPlanner.plan(byKey, new DatastoreCatalog(view), OWNER);

            assertEquals("point of item by index ", plan.describe().substring(0, 23));
            assertEquals(List.of("[17]"), run(plan, view.reader()));
            assertEquals(List.of(), run(byKey, OWNER));
        }
    }

    private SelectPlan plan(String sql, Caller caller) {
        return (SelectPlan) SqlPlanner.plan(sql, new DatastoreCatalog(datastore), caller);
    }

    /** The rows of the result as positional JSON, sorted. */
    private List<String> run(String sql, Caller caller) {
        return run(plan(sql, caller), transaction);
    }

    private static List<String> run(SelectPlan plan, RowSource source) {
        List<String> rows = new ArrayList<>();
        plan.execute(
                source,
                ScanLimit.none(),
                (bytes, offset, length) -> rows.add(SatsJson.toJson(
                        Spelling.POSITIONAL, Typespace.EMPTY, plan.resultType(), Bytes.copyOf(bytes, offset, length))));
        rows.sort(null);
        return rows;
    }
}
