package io.pinion.store.tx;

import static io.pinion.store.tx.Fixtures.aTable;
import static io.pinion.store.tx.Fixtures.insert;
import static io.pinion.store.tx.Fixtures.module;
import static io.pinion.store.tx.Fixtures.point;
import static io.pinion.store.tx.Fixtures.row;
import static io.pinion.store.tx.Fixtures.rows;
import static io.pinion.store.value.AlgebraicType.UNIT;
import static io.pinion.store.value.AlgebraicType.element;
import static io.pinion.store.value.AlgebraicType.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.ModuleDef.IndexAlgorithm;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.table.TableShape;
import io.pinion.store.tx.Fixtures.TableBuilder;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Sum;
import io.pinion.store.value.BsatnWriter;
import java.math.BigInteger;
import java.util.List;
import java.util.Objects;
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

        assertEquals(List.of(), updated.plan().steps());
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

        assertFalse(updated.plan().disconnectsClients());
        assertEquals(TABLE, store.tableId("person"));
        assertEquals(TABLE + 1, store.tableId("ant"));
        assertEquals(TABLE + 1, store.indexId("ant_idx_0"));
        assertEquals(3, store.rowCount(TABLE));
        Transaction after = store.begin();
        assertEquals(1, point(after, TABLE, row().writeInt(2)).size());
    }

    @Test
    void databasesThatAreUpdatedToOneModuleShareTheShapesOfTheirTables() {
        TableBuilder kept = aTable("kept").column("x", Primitive.U8).unique(IndexAlgorithm.BTREE, 0);
        ModuleDef before = module(
                kept, person(), aTable("emptied").column("x", Primitive.U8).event());
        ModuleDef after = module(
                kept,
                person().unique(IndexAlgorithm.HASH, 0),
                aTable("emptied").column("x", Primitive.U8).event().index(IndexAlgorithm.BTREE, 0),
                aTable("added").column("x", Primitive.U8));
        Datastore first = Datastore.create(before);
        Datastore second = Datastore.create(before);
        Datastore recovered = Datastore.create(before);

        assertInstanceOf(MigrationResult.Updated.class, first.tryUpdate(after));
        MigrationResult.Updated updated = assertInstanceOf(MigrationResult.Updated.class, second.tryUpdate(after));
        recovered.repeatUpdate(after, updated.migration(), () -> false);

        assertEquals(4, first.tables().size());
        for (TableInfo table : first.tables()) {
            assertSame(shape(first, table), shape(second, table), table.name());
            assertSame(shape(first, table), shape(recovered, table), table.name());
        }
    }

    private static TableShape shape(Datastore store, TableInfo table) {
        return Objects.requireNonNull(store.tableState(table.id())).table.shape();
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
    void everythingThatStandsAgainstAnUpdateIsGivenAtOnceAndNothingIsChanged() {
        Datastore store = Datastore.create(module(person(), aTable("x").column("x", Primitive.U8)));
        Transaction transaction = store.begin();
        for (int id = 1; id <= 3; id++) {
            insert(transaction, TABLE, row().writeInt(id).writeByte(40));
        }
        insert(transaction, TABLE + 1, row().writeByte(1));
        transaction.commit();

        List<String> reasons = refusals(
                store,
                person().column("level", Primitive.I8, "07")
                        .unique(IndexAlgorithm.BTREE, 1)
                        .unique(IndexAlgorithm.HASH, 2, 1)
                        .unique(IndexAlgorithm.DIRECT, 0)
                        .sequence(0));

        assertEquals(
                List.of(
                        "sequence person_0_seq cannot be put on column id of table person: rows hold values from 1 to "
                                + BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE),
                        "index person_idx_0 of table person cannot be unique: two rows have (age) = [40]",
                        "index person_idx_1 of table person cannot be unique: two rows have (level, age) = [7,40]",
                        "table x cannot be removed: it has 1 rows"),
                reasons);
        assertEquals(
                List.of("column age of table person cannot be removed"),
                refusals(store, aTable("person").column("id", Primitive.U32)));
        assertEquals(module(person(), aTable("x").column("x", Primitive.U8)), store.module());
        Transaction after = store.begin();
        assertEquals(3, rows(after, TABLE).size());
        assertEquals(List.of("01"), rows(after, TABLE + 1));
    }

    @Test
    void rowsGetTheDefaultsOfAddedColumnsAndKeepTheirIds() {
        Datastore store = withPeople(person().unique(IndexAlgorithm.BTREE, 0));

        update(
                store,
                person().column("name", Primitive.STRING, "020000006869")
                        .column("level", Primitive.I8, "ff")
                        .unique(IndexAlgorithm.BTREE, 0)
                        .index(IndexAlgorithm.HASH, 2));

        assertEquals(TABLE, store.tableId("person"));
        assertEquals(TABLE, store.indexId("person_idx_0"));
        Transaction after = store.begin();
        assertEquals(
                List.of(
                        "01000000" + "28" + "020000006869" + "ff",
                        "02000000" + "28" + "020000006869" + "ff",
                        "03000000" + "28" + "020000006869" + "ff"),
                rows(after, TABLE));
        assertEquals(
                3,
                point(after, store.indexId("person_idx_1"), row().writeString("hi"))
                        .size());
    }

    @Test
    void aSumThatGrowsKeepsItsRowsWhereverItMovesThem() {
        Sum letters = sum(element("a", UNIT), element("b", UNIT));
        Sum more = sum(element("a", UNIT), element("b", UNIT), element("c", Primitive.STRING));
        Datastore store =
                Datastore.create(module(aTable("t").column("x", letters).unique(IndexAlgorithm.DIRECT, 0)));
        Transaction transaction = store.begin();
        insert(transaction, TABLE, row().writeByte(1));
        insert(transaction, TABLE, row().writeByte(0));
        transaction.commit();

        update(store, aTable("t").column("x", more).unique(IndexAlgorithm.BTREE, 0));

        Transaction after = store.begin();
        assertEquals(List.of("00", "01"), rows(after, TABLE));
        assertEquals(StoreCode.OK, insert(after, TABLE, row().writeByte(2).writeString("c")));
        assertEquals(StoreCode.OK, insert(after, TABLE, row().writeByte(0)));
        assertEquals(List.of("00", "01", "020100000063"), rows(after, TABLE));
        assertEquals(List.of("01"), point(after, TABLE + 1, row().writeByte(1)));
    }

    @Test
    void aSequenceThatStaysGoesOnAndAChangedOneStartsAnew() {
        Datastore store = Datastore.create(module(person().sequence(0)));
        Transaction transaction = store.begin();
        insert(transaction, TABLE, row().writeInt(0).writeByte(1));
        insert(transaction, TABLE, row().writeInt(0).writeByte(1));
        transaction.commit();

        update(store, person().column("x", Primitive.U8, "00").sequence(0));
        Transaction same = store.begin();
        insert(same, TABLE, row().writeInt(0).writeByte(1).writeByte(1));
        same.commit();
        update(store, person().column("x", Primitive.U8, "00").sequence(0, 10, 10, 20, 1));
        Transaction changed = store.begin();
        insert(changed, TABLE, row().writeInt(0).writeByte(1).writeByte(1));

        assertEquals(
                List.of("01000000" + "0100", "02000000" + "0100", "03000000" + "0101", "0a000000" + "0101"),
                rows(changed, TABLE));
    }

    @Test
    void eventTablesChangeTheirColumnsAndAreEmpty() {
        Datastore store = Datastore.create(module(person().event().sequence(0)));
        Transaction transaction = store.begin();
        insert(transaction, TABLE, row().writeInt(0).writeByte(1));
        transaction.commit();

        update(
                store,
                aTable("person").column("id", Primitive.U64).event().sequence(0).unique(IndexAlgorithm.HASH, 0));

        Transaction after = store.begin();
        assertEquals(StoreCode.OK, insert(after, TABLE, row().writeLong(0)));
        assertEquals(List.of("0200000000000000"), rows(after, TABLE));
    }

    @Test
    void anIndexThatOnlyBecomesUniqueKeepsItsId() {
        Datastore store = Datastore.create(module(person().index(IndexAlgorithm.BTREE, 0)));

        update(store, person().unique(IndexAlgorithm.BTREE, 0));

        assertEquals(TABLE, store.indexId("person_idx_0"));
        assertTrue(store.table(TABLE).orElseThrow().indexes().getFirst().isUnique());
    }

    @Test
    void anEmptyTableCanGoAndItsIdIsNotGivenAgain() {
        Datastore store = Datastore.create(module(person(), aTable("x").column("x", Primitive.U8)));

        assertTrue(update(store, aTable("x").column("x", Primitive.U8)).plan().disconnectsClients());
        update(store, aTable("x").column("x", Primitive.U8), person());

        assertEquals(TABLE + 2, store.tableId("person"));
        assertTrue(store.table(TABLE).isEmpty());
    }
}
