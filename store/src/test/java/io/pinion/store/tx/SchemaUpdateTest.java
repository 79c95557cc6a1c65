package io.pinion.store.tx;

import static io.pinion.store.tx.Fixtures.aTable;
import static io.pinion.store.tx.Fixtures.insert;
import static io.pinion.store.tx.Fixtures.module;
import static io.pinion.store.tx.Fixtures.point;
import static io.pinion.store.tx.Fixtures.row;
import static io.pinion.store.tx.Fixtures.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.tx.Fixtures.TableBuilder;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchemaUpdateTest {
    private static final int TABLE = Datastore.FIRST_ID;

    private static TableBuilder person() {
        return aTable("person").column("id", Primitive.U32).column("age", Primitive.U8);
    }

    private static Datastore withPeople(TableBuilder table) {
        Datastore store = Datastore.create(module(table));
        Transaction transaction = store.begin();
        for (int id = 1; id <= 3; id++) {
            insert(transaction, TABLE, row().writeInt(id).writeByte(40));
        }
        transaction.commit();
        return store;
    }

    private static List<String> refusals(Datastore store, TableBuilder... tables) {
        return assertInstanceOf(MigrationResult.Refused.class, store.tryUpdate(module(tables)))
                .reasons();
    }

    private static MigrationResult.Updated update(Datastore store, TableBuilder... tables) {
        return assertInstanceOf(MigrationResult.Updated.class, store.tryUpdate(module(tables)));
    }

    @Test
    void theSameSchemaKeepsRowsAndIdsAndPositions() {
        Datastore store = Datastore.create(module(person().sequence(0)));
        Transaction transaction = store.begin();
        insert(transaction, TABLE, row().writeInt(0).writeByte(1));
        transaction.commit();

        MigrationResult.Updated updated = update(store, person().sequence(0));

        assertEquals(List.of(), updated.steps());
        assertFalse(updated.disconnectsClients());
        Transaction after = store.begin();
        BsatnWriter generated = new BsatnWriter();
        after.insert(TABLE, new byte[5], 0, 5, generated);
        assertEquals("02000000", Fixtures.hex(generated));
        assertEquals(2, after.rowCount(TABLE));
    }

    @Test
    void anAddedTableGetsANewIdAndLeavesTheOthers() {
        Datastore store = withPeople(person().unique(IndexAlgorithm.BTREE, 0));

        MigrationResult.Updated updated = update(
                store,
                person().unique(IndexAlgorithm.BTREE, 0).access(TableAccess.PUBLIC),
                aTable("ant").column("x", Primitive.U8).unique(IndexAlgorithm.HASH, 0));

        assertEquals(List.of("make table person public", "add table ant"), updated.steps());
        assertEquals(TABLE, store.tableId("person"));
        assertEquals(TABLE + 1, store.tableId("ant"));
        assertEquals(TABLE + 1, store.indexId("ant_idx_0"));
        assertEquals(3, store.rowCount(TABLE));
        Transaction after = store.begin();
        assertEquals(1, point(after, TABLE, row().writeInt(2)).size());
    }

    @Test
    void indexesAreBuiltOverTheRowsThatAreThere() {
        Datastore store = withPeople(person().index(IndexAlgorithm.HASH, 1));

        update(store, person().index(IndexAlgorithm.BTREE, 1).unique(IndexAlgorithm.DIRECT, 0));

        Transaction after = store.begin();
        assertEquals(
                3,
                point(after, store.indexId("person_idx_0"), row().writeByte(40)).size());
        assertEquals(
                1,
                point(after, store.indexId("person_idx_1"), row().writeInt(3)).size());
        assertEquals(
                StoreCode.UNIQUE_ALREADY_EXISTS,
                insert(after, TABLE, row().writeInt(3).writeByte(1)));
        after.rollback();
        update(store, person());
        Transaction last = store.begin();
        assertEquals(StoreCode.OK, insert(last, TABLE, row().writeInt(3).writeByte(1)));
        assertEquals(StoreCode.OK, insert(last, TABLE, row().writeInt(3).writeByte(40)));
        assertEquals(4, last.rowCount(TABLE));
    }

    @Test
    void everyReasonIsGivenAndNothingIsChanged() {
        Datastore store = withPeople(person());

        List<String> columns = refusals(
                store,
                aTable("person")
                        .column("id", Primitive.U64)
                        .column("years", Primitive.U8)
                        .column("x", Primitive.U8));
        List<String> unique = refusals(store, person().unique(IndexAlgorithm.BTREE, 1));
        List<String> removed = refusals(store);
        List<String> event = refusals(store, person().event());
        List<String> sequence = refusals(store, person().sequence(0));

        assertEquals(
                List.of(
                        "column id of table person cannot change its type",
                        "column age of table person cannot become column years",
                        "column x cannot be added to table person"),
                columns);
        assertEquals(
                List.of("index person_idx_0 of table person cannot become unique: rows have the same key"), unique);
        assertEquals(List.of("table person cannot be removed: it has 3 rows"), removed);
        assertEquals(List.of("table person cannot become an event table"), event);
        assertEquals(1, sequence.size());
        assertTrue(sequence.getFirst().contains("a row holds 1"), sequence.getFirst());
        Transaction after = store.begin();
        assertEquals(3, rows(after, TABLE).size());
    }

    @Test
    void anEmptyTableCanGoAndItsIdIsNotGivenAgain() {
        Datastore store = Datastore.create(module(person(), aTable("x").column("x", Primitive.U8)));

        assertTrue(update(store, aTable("x").column("x", Primitive.U8)).disconnectsClients());
        update(store, aTable("x").column("x", Primitive.U8), person());

        assertEquals(TABLE + 2, store.tableId("person"));
        assertTrue(store.table(TABLE).isEmpty());
    }
}
